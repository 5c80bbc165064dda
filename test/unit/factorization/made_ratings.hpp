// Small matrices for the tests of the factorizations.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core::test {

// Every pair is there with probability `density`; `value` gives what it holds.
inline SparseMatrix made_matrix(std::int64_t rows, std::int64_t columns, double density,
                                const std::function<float(std::int64_t, std::int64_t, Random&)>& value,
                                std::uint64_t seed = 1) {
    SparseMatrix matrix;
    matrix.columns_count = columns;
    Random random(seed, 0);
    for (std::int64_t r = 0; r < rows; r++) {
        for (std::int64_t c = 0; c < columns; c++) {
            if (random.uniform() >= density) continue;
            matrix.columns.push_back(static_cast<std::int32_t>(c));
            matrix.values.push_back(value(r, c, random));
        }
        matrix.start.push_back(std::ssize(matrix.columns));
    }
    return matrix;
}

inline SparseMatrix made_likes(std::int64_t rows, std::int64_t columns, double density,
                               std::uint64_t seed = 1) {
    return made_matrix(
        rows, columns, density, [](auto, auto, auto&) { return 1.0f; }, seed);
}

// Weights from .25 to 4, one in five of them a dislike.
inline SparseMatrix made_weights(std::int64_t rows, std::int64_t columns, double density,
                                 std::uint64_t seed = 1) {
    const auto value = [](auto, auto, Random& random) {
        const auto weight = static_cast<float>(.25 * static_cast<double>(1 + random.below(16)));
        return random.below(5) == 0 ? -weight : weight;
    };
    return made_matrix(rows, columns, density, value, seed);
}

inline bool same_bits(FactorsView a, FactorsView b) {
    return a.rows == b.rows && a.stride == b.stride &&
           std::memcmp(a.data, b.data, static_cast<std::size_t>(a.rows * a.stride) * sizeof(float)) == 0;
}

// A rating that is a bias of each side and the product of two hidden factors each.
class Planted {
  public:
    Planted(std::int64_t users, std::int64_t items) : items_(items) {
        Random random(77, 0);
        for (std::int64_t k = 0; k < users + items; k++)
            for (double& value : sides_.emplace_back()) value = random.normal();
    }
    float operator()(std::int64_t user, std::int64_t item) const {
        const auto &u = sides_[items_ + user], &i = sides_[item];
        return static_cast<float>(.5 * u[0] + .5 * i[0] + u[1] * i[1] + u[2] * i[2]);
    }

  private:
    struct Side {
        double values[3];
        double& operator[](int k) { return values[k]; }
        const double& operator[](int k) const { return values[k]; }
        double* begin() { return values; }
        double* end() { return values + 3; }
    };
    std::int64_t items_;
    std::vector<Side> sides_;
};

}  // namespace personalize::core::test
