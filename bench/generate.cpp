// Writes made-up ratings as lines of COPY: user_id, item_id, rating, separated by tabs, in random order.
//
//   generate USERS ITEMS RATINGS [SEED]
//
// The pairs are distinct; the same arguments give the same rows on every machine. Items have a power law
// popularity, users a log-normal number of ratings, and both a taste in 20 dimensions: a user takes an item
// with a probability in proportion to popularity * exp(user taste . item taste), by rejection, and rates it 1
// to 5 by the same product.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/random.hpp"

namespace {

using personalize::core::Random;

constexpr int kTaste = 20;
constexpr double kPopularityExponent = 0.8;
constexpr double kDegreeSpread = 0.8;  // standard deviation of the logarithm of a user's number of ratings
constexpr double kTasteSpread = 0.6;   // standard deviation of one coordinate; the product's is about 1.6
constexpr double kHighest = 3.0;       // products above it count as this much: bounds the rejections

enum Stream : std::uint64_t { kItems = 1, kDegrees = 2, kOrder = 3, kUsers = 4 };

struct Rating {
    std::uint32_t user;
    std::uint32_t item;
    std::uint8_t rating;
};

using Taste = std::vector<float>;

Taste draw_taste(Random& random) {
    Taste taste(kTaste);
    for (float& x : taste) x = static_cast<float>(kTasteSpread * random.normal());
    return taste;
}

// Cumulative popularity of the items, in an order of its own so that an id says nothing about popularity.
std::vector<double> cumulative_popularity(std::size_t items, Random& random) {
    std::vector<double> popularity(items);
    for (std::size_t i = 0; i < items; ++i)
        popularity[i] = std::pow(static_cast<double>(i + 1), -kPopularityExponent);
    for (std::size_t i = items; i > 1; --i) std::swap(popularity[i - 1], popularity[random.below(i)]);
    for (std::size_t i = 1; i < items; ++i) popularity[i] += popularity[i - 1];
    return popularity;
}

// How many ratings each user has: at most a third of the items, and `ratings` in all.
std::vector<std::size_t> draw_degrees(std::size_t users, std::size_t items, std::size_t ratings,
                                      std::uint64_t seed) {
    Random random(seed, kDegrees);
    std::vector<double> weight(users);
    double total = 0;
    for (double& w : weight) total += w = std::exp(kDegreeSpread * random.normal());
    const std::size_t most = std::max<std::size_t>(1, items / 3);
    std::vector<std::size_t> degree(users);
    std::size_t placed = 0;
    for (std::size_t u = 0; u < users; ++u) {
        degree[u] =
            std::min(most, static_cast<std::size_t>(weight[u] / total * static_cast<double>(ratings)));
        placed += degree[u];
    }
    for (std::size_t u = 0; placed < ratings; u = (u + 1) % users) {
        if (degree[u] < most) ++degree[u], ++placed;
    }
    return degree;
}

std::vector<Rating> draw_ratings(std::size_t users, std::size_t items, std::size_t ratings,
                                 std::uint64_t seed) {
    Random item_random(seed, kItems);
    const std::vector<double> popularity = cumulative_popularity(items, item_random);
    std::vector<Taste> item_taste(items);
    for (Taste& taste : item_taste) taste = draw_taste(item_random);
    const std::vector<std::size_t> degrees = draw_degrees(users, items, ratings, seed);

    std::vector<Rating> rows;
    rows.reserve(ratings);
    std::vector<std::uint32_t> taken_by(items, 0);  // the last user, counted from 1, who took the item
    for (std::size_t u = 0; u < users; ++u) {
        Random random(seed, kUsers + u);
        const Taste taste = draw_taste(random);
        for (std::size_t left = degrees[u]; left > 0;) {
            const double at = random.uniform() * popularity.back();
            const std::size_t item =
                std::upper_bound(popularity.begin(), popularity.end(), at) - popularity.begin();
            if (item >= items || taken_by[item] == u + 1) continue;
            double product = 0;
            for (int k = 0; k < kTaste; ++k) product += taste[k] * item_taste[item][k];
            if (random.uniform() > std::exp(std::min(product, kHighest) - kHighest)) continue;
            const double stars = std::round(2.0 + product + 0.7 * random.normal());
            rows.push_back({static_cast<std::uint32_t>(u + 1), static_cast<std::uint32_t>(item + 1),
                            static_cast<std::uint8_t>(std::clamp(stars, 1.0, 5.0))});
            taken_by[item] = static_cast<std::uint32_t>(u + 1);
            --left;
        }
    }
    Random order(seed, kOrder);
    for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[order.below(i)]);
    return rows;
}

bool write(const std::vector<Rating>& rows) {
    std::vector<char> buffer(1 << 16);
    char* at = buffer.data();
    for (const Rating& row : rows) {
        if (buffer.data() + buffer.size() - at < 64) {
            if (std::fwrite(buffer.data(), 1, at - buffer.data(), stdout) == 0) return false;
            at = buffer.data();
        }
        at = std::to_chars(at, at + 20, row.user).ptr;
        *at++ = '\t';
        at = std::to_chars(at, at + 20, row.item).ptr;
        *at++ = '\t';
        *at++ = static_cast<char>('0' + row.rating);
        *at++ = '\n';
    }
    std::fwrite(buffer.data(), 1, at - buffer.data(), stdout);
    return std::fflush(stdout) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "generate USERS ITEMS RATINGS [SEED]\n");
        return 2;
    }
    const std::size_t users = std::stoull(argv[1]), items = std::stoull(argv[2]),
                      ratings = std::stoull(argv[3]);
    const std::uint64_t seed = argc > 4 ? std::stoull(argv[4]) : 1;
    if (ratings > users * (items / 3)) {
        std::fprintf(stderr, "generate: more ratings than a third of all pairs\n");
        return 2;
    }
    return write(draw_ratings(users, items, ratings, seed)) ? 0 : 1;
}
