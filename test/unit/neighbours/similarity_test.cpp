#include "core/neighbours/similarity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

template <class T>
std::vector<T> made_vector(std::size_t n, std::uint64_t seed, double mean = 0) {
    Random random(seed, 0);
    std::vector<T> values(n);
    for (T& value : values) value = static_cast<T>(mean + random.normal());
    return values;
}

template <class T>
long double exact_cosine(const std::vector<T>& a, const std::vector<T>& b, bool centred) {
    const auto n = static_cast<long double>(a.size());
    long double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
    for (std::size_t k = 0; centred && k < a.size(); k++) {
        mean_a += a[k] / n;
        mean_b += b[k] / n;
    }
    for (std::size_t k = 0; k < a.size(); k++) {
        ab += (a[k] - mean_a) * (b[k] - mean_b);
        aa += (a[k] - mean_a) * (a[k] - mean_a);
        bb += (b[k] - mean_b) * (b[k] - mean_b);
    }
    return ab / std::sqrt(aa) / std::sqrt(bb);
}

template <class T>
class Similarity : public testing::Test {};
using Elements = testing::Types<float, double>;
TYPED_TEST_SUITE(Similarity, Elements);

template <class T>
std::span<const T> view(const std::vector<T>& values) {
    return values;
}

TYPED_TEST(Similarity, AgreesWithLongDouble) {
    for (const std::size_t n : {2, 3, 7, 8, 9, 64, 1001}) {
        const auto a = made_vector<TypeParam>(n, 1), b = made_vector<TypeParam>(n, 2);
        long double product = 0;
        for (std::size_t k = 0; k < n; k++) product += static_cast<long double>(a[k]) * b[k];
        EXPECT_NEAR(dot(view(a), view(b)), static_cast<double>(product), 1e-12 * static_cast<double>(n));
        EXPECT_NEAR(*cosine(view(a), view(b)), static_cast<double>(exact_cosine(a, b, false)), 1e-13);
        EXPECT_NEAR(*pearson(view(a), view(b)), static_cast<double>(exact_cosine(a, b, true)), 1e-12);
    }
}

TYPED_TEST(Similarity, PearsonWithLargeMeans) {
    const auto a = made_vector<TypeParam>(100, 1, 1e5), b = made_vector<TypeParam>(100, 2, -1e5);
    EXPECT_NEAR(*pearson(view(a), view(b)), static_cast<double>(exact_cosine(a, b, true)), 1e-9);
}

TYPED_TEST(Similarity, WithItselfIsOne) {
    const auto a = made_vector<TypeParam>(33, 1);
    std::vector<TypeParam> opposite;
    for (const TypeParam x : a) opposite.push_back(-x);
    EXPECT_NEAR(*cosine(view(a), view(a)), 1, 1e-15);
    EXPECT_LE(*cosine(view(a), view(a)), 1);
    EXPECT_GE(*cosine(view(a), view(opposite)), -1);
    EXPECT_NEAR(*pearson(view(a), view(opposite)), -1, 1e-15);
}

TYPED_TEST(Similarity, NoneWithoutADirection) {
    const std::vector<TypeParam> empty, zeros{0, 0, 0}, some{1, 2, 3}, same{.1f, .1f, .1f}, one{4};
    EXPECT_FALSE(cosine(view(empty), view(empty)));
    EXPECT_FALSE(cosine(view(zeros), view(some)));
    EXPECT_FALSE(cosine(view(some), view(zeros)));
    EXPECT_FALSE(pearson(view(empty), view(empty)));
    EXPECT_FALSE(pearson(view(one), view(one)));
    EXPECT_FALSE(pearson(view(same), view(some)));
    EXPECT_EQ(dot(view(empty), view(empty)), 0);
}

TYPED_TEST(Similarity, NotFiniteIsNotANumber) {
    const TypeParam infinity = std::numeric_limits<TypeParam>::infinity();
    const TypeParam nan = std::numeric_limits<TypeParam>::quiet_NaN();
    const std::vector<TypeParam> some{1, 2, 3};
    for (const TypeParam odd : {infinity, -infinity, nan}) {
        const std::vector<TypeParam> values{1, odd, 2};
        EXPECT_TRUE(std::isnan(cosine(view(values), view(some)).value()));
        EXPECT_TRUE(std::isnan(cosine(view(some), view(values)).value()));
        EXPECT_TRUE(std::isnan(pearson(view(values), view(some)).value()));
        const std::vector<TypeParam> all{odd, odd, odd};
        EXPECT_TRUE(std::isnan(pearson(view(all), view(some)).value()));
    }
}

TEST(SimilarityOfDoubles, HugeAndTinyValues) {
    for (const double scale : {1e200, 1e-200, 1e300, 1e-300, 1.7e308, 5e-324}) {
        const std::vector<double> a{scale, scale, 0}, b{scale, 0, 0};
        EXPECT_NEAR(*cosine(view(a), view(b)), std::sqrt(.5), 1e-12) << scale;
        EXPECT_NEAR(*pearson(view(a), view(b)), .5, 1e-12) << scale;
        const std::vector<double> ordinary{1, 0, 0};
        EXPECT_NEAR(*cosine(view(a), view(ordinary)), std::sqrt(.5), 1e-12) << scale;
    }
    const std::vector<double> apart{1.7e308, -1.7e308, 0}, b{1, -1, 0};
    EXPECT_NEAR(*pearson(view(apart), view(b)), 1, 1e-12);
    const std::vector<double> mixed{1e200, 1e-200}, other{1e-200, 1e200};
    EXPECT_NEAR(*cosine(view(mixed), view(other)), 0, 1e-12);
}

}  // namespace
}  // namespace personalize::core
