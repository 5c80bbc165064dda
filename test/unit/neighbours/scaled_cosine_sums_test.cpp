#include "core/neighbours/scaled_cosine_sums.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/neighbours/similarity.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

std::vector<double> made_column(std::size_t n, std::uint64_t stream, double scale) {
    Random random(3, stream);
    std::vector<double> column;
    for (std::size_t k = 0; k < n; k++) column.push_back(scale * (random.normal() + .5));
    return column;
}

ScaledCosineSums sums_of(const std::vector<double>& x, const std::vector<double>& y, std::size_t begin,
                         std::size_t end) {
    ScaledCosineSums sums;
    for (std::size_t k = begin; k < end; k++) sums.add(x[k], y[k]);
    return sums;
}

// In one pass, in extended precision, whose exponents reach far enough.
double exact(const std::vector<double>& x, const std::vector<double>& y) {
    long double xx = 0, yy = 0, xy = 0;
    for (std::size_t k = 0; k < x.size(); k++) {
        xx += static_cast<long double>(x[k]) * x[k];
        yy += static_cast<long double>(y[k]) * y[k];
        xy += static_cast<long double>(x[k]) * y[k];
    }
    return static_cast<double>(xy / std::sqrt(xx) / std::sqrt(yy));
}

TEST(ScaledCosineSums, PartsCombineAtAnyPlaceAndScale) {
    for (const double scale : {1e-300, 1e-160, 1., 1e160, 1e300, 1e307}) {
        const auto x = made_column(40, 1, scale), y = made_column(40, 2, 1 / scale);
        for (std::size_t cut = 0; cut <= 40; cut++) {
            ScaledCosineSums sums = sums_of(x, y, 0, cut);
            sums.combine(sums_of(x, y, cut, 40));
            EXPECT_NEAR(*sums.cosine(), exact(x, y), 1e-13) << scale << " " << cut;
        }
    }
}

TEST(ScaledCosineSums, PartsOfVeryDifferentSize) {
    auto x = made_column(20, 1, 1e-200), y = made_column(20, 2, 1e200);
    for (const double value : made_column(20, 3, 1e200)) x.push_back(value), y.push_back(1e200 - value);
    for (const bool turned : {false, true}) {
        ScaledCosineSums first = sums_of(x, y, 0, 20), second = sums_of(x, y, 20, 40);
        if (turned) std::swap(first, second);
        first.combine(second);
        EXPECT_NEAR(*first.cosine(), exact(x, y), 1e-13);
    }
}

TEST(ScaledCosineSums, NoneWhereAColumnIsZero) {
    ScaledCosineSums none, zeros, later;
    EXPECT_FALSE(none.cosine());
    for (const double x : {1e300, 1., 1e-300}) zeros.add(x, 0);
    EXPECT_FALSE(zeros.cosine());
    none.combine(zeros);
    EXPECT_FALSE(none.cosine());
    later.add(1, 2);
    none.combine(later);  // a column that is zero in one part only
    EXPECT_NEAR(*none.cosine(), 0, 1e-15);
    zeros.add(1e300, 7);
    EXPECT_NEAR(*zeros.cosine(), std::sqrt(.5), 1e-15);
}

TEST(ScaledCosineSums, PartsWithAColumnOfZeros) {
    const std::vector<double> x{1e3, 2, 5, 7}, y{0, 0, 3, 4};
    for (std::size_t first = 0; first < 4; first++) {
        ScaledCosineSums sums = sums_of(x, y, first, first + 1);
        for (std::size_t k = 1; k < 4; k++) sums.combine(sums_of(x, y, (first + k) % 4, (first + k) % 4 + 1));
        EXPECT_NEAR(*sums.cosine(), exact(x, y), 1e-14) << first;
    }
}

TEST(ScaledCosineSums, NotFiniteIsNotANumber) {
    const double infinity = std::numeric_limits<double>::infinity();
    for (const double odd : {infinity, -infinity, std::nan("")}) {
        ScaledCosineSums first, later;
        first.add(odd, 1), first.add(1, 2);
        later.add(1e200, 2), later.add(2, odd);
        EXPECT_TRUE(std::isnan(first.cosine().value()));
        EXPECT_TRUE(std::isnan(later.cosine().value()));
        later.combine(first);
        EXPECT_TRUE(std::isnan(later.cosine().value()));
    }
}

}  // namespace
}  // namespace personalize::core
