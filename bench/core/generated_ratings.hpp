// Made-up ratings with the shape of real ones: some users and items have many, most have few.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core::bench {

struct Shape {
    std::int64_t users, items, ratings;
};

inline constexpr Shape kGoodbooks{53'424, 10'000, 6'000'000};

// Distinct items of popularity ~ (index + 10)^-.75, about ratings / users of them for each user; all
// values 1.
inline SparseMatrix generated_ratings(Shape shape, std::uint64_t seed = 1) {
    constexpr double kExponent = .25, kOffset = 10;  // of the distribution function
    const double low = std::pow(kOffset, kExponent);
    const double high = std::pow(static_cast<double>(shape.items) + kOffset, kExponent);
    SparseMatrix matrix;
    matrix.columns_count = shape.items;
    std::vector<std::int32_t> row;
    std::vector<bool> taken(static_cast<std::size_t>(shape.items));
    for (std::int64_t u = 0; u < shape.users; u++) {
        Random random(seed, static_cast<std::uint64_t>(u));
        const double mean = static_cast<double>(shape.ratings) / static_cast<double>(shape.users);
        const double share = .5 + random.uniform();
        const auto count = std::min<std::int64_t>(std::llround(mean * share), shape.items / 2);
        row.clear();
        while (std::ssize(row) < count) {
            const double x = std::pow(low + (high - low) * random.uniform(), 1 / kExponent) - kOffset;
            const auto item = std::min<std::int64_t>(static_cast<std::int64_t>(x), shape.items - 1);
            if (taken[item]) continue;
            taken[item] = true;
            row.push_back(static_cast<std::int32_t>(item));
        }
        for (const auto item : row) taken[item] = false;
        std::sort(row.begin(), row.end());
        matrix.columns.insert(matrix.columns.end(), row.begin(), row.end());
        matrix.start.push_back(std::ssize(matrix.columns));
    }
    matrix.values.assign(matrix.columns.size(), 1);
    return matrix;
}

}  // namespace personalize::core::bench
