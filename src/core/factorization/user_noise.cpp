#include "core/factorization/user_noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/factorization/normal_wishart.hpp"
#include "core/runtime/parallel.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kUsersPerChunk = 8192;  // a millisecond or two
constexpr std::array kFreedoms{2.5,  3.0,  3.5,  4.0,  5.0,  6.0,  7.0,  8.0,
                               10.0, 12.0, 15.0, 20.0, 30.0, 50.0, 100.0};

}  // namespace

UserNoise::UserNoise(std::int64_t users) : roots_(static_cast<std::size_t>(users), 1.0f) {}

void UserNoise::draw(const SparseMatrix& by_user, const std::vector<double>& squares, bool own,
                     std::uint64_t seed, int threads, Host& host) {
    if (own) draw_own(by_user, squares, seed, threads, host);
    PollCounter progress(host);
    double weighted = 0, excess = 0;  // excess: sum of log a - a
    for (std::size_t u = 0; u < roots_.size(); u++) {
        const double a = static_cast<double>(roots_[u]) * roots_[u];
        weighted += a * squares[u];
        excess += std::log(a) - a;
        progress.count(4);
    }
    Random random(seed, roots_.size());
    const double shape = std::max(1.0, static_cast<double>(by_user.nonzeros()) / 2);
    const double alpha = draw_gamma(shape, random) / std::max(weighted / 2, 1e-30);
    root_ = static_cast<float>(std::min<double>(kLargestRoot, std::sqrt(alpha)));
    if (own) draw_freedom(excess, random);
}

void UserNoise::draw_own(const SparseMatrix& by_user, const std::vector<double>& squares, std::uint64_t seed,
                         int threads, Host& host) {
    const double alpha = static_cast<double>(root_) * root_;
    const std::int64_t users = std::ssize(roots_);
    parallel_chunks(host, threads, (users + kUsersPerChunk - 1) / kUsersPerChunk, [&]() -> ChunkBody {
        return [&](std::int64_t chunk) {
            const std::int64_t last = std::min(users, (chunk + 1) * kUsersPerChunk);
            for (std::int64_t u = chunk * kUsersPerChunk; u < last; u++) {
                Random numbers(seed, static_cast<std::uint64_t>(u));
                const auto ratings = static_cast<double>(by_user.start[u + 1] - by_user.start[u]);
                const double rate = (freedom_ + alpha * squares[u]) / 2;
                const double a = draw_gamma((freedom_ + ratings) / 2, numbers) / rate;
                roots_[u] = static_cast<float>(std::sqrt(std::max(a, 1e-30)));
            }
        };
    });
}

// p(v) ~ prod_u gamma(a_u; v / 2, v / 2).
void UserNoise::draw_freedom(double excess, Random& random) {
    const auto users = static_cast<double>(roots_.size());
    std::array<double, kFreedoms.size()> weights;
    for (std::size_t k = 0; k < weights.size(); k++) {
        const double half = kFreedoms[k] / 2;
        weights[k] = users * (half * std::log(half) - std::lgamma(half)) + half * excess;
    }
    const double most = *std::max_element(weights.begin(), weights.end());
    double sum = 0;
    for (double& weight : weights) sum += weight = std::exp(weight - most);
    double left = random.uniform() * sum;
    std::size_t k = 0;
    while (k + 1 < weights.size() && left >= weights[k]) left -= weights[k++];
    freedom_ = kFreedoms[k];
}

}  // namespace personalize::core
