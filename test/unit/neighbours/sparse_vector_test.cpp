#include "core/neighbours/sparse_vector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

using Weights = std::map<std::string, double>;

Weights made_weights(std::uint64_t seed, std::size_t terms) {
    Random random(seed, 0);
    Weights weights;
    for (std::size_t k = 0; k < terms; k++) {
        const std::string term(1 + random.below(4), static_cast<char>('a' + random.below(6)));
        weights[term + std::to_string(random.below(12))] = random.normal();
    }
    return weights;
}

std::vector<WeightedTerm> in_order(const Weights& weights, TermOrder order) {
    std::vector<WeightedTerm> vector;
    for (const auto& [term, weight] : weights) vector.push_back({term, weight});
    if (order == TermOrder::kByLengthThenBytes)
        std::stable_sort(vector.begin(), vector.end(),
                         [](const auto& a, const auto& b) { return a.term.size() < b.term.size(); });
    return vector;
}

// Over all terms, whatever their order.
double exact(const Weights& a, const Weights& b) {
    double ab = 0, aa = 0, bb = 0;
    for (const auto& [term, weight] : a) {
        aa += weight * weight;
        if (const auto found = b.find(term); found != b.end()) ab += weight * found->second;
    }
    for (const auto& [term, weight] : b) bb += weight * weight;
    return ab / std::sqrt(aa) / std::sqrt(bb);
}

TEST(SparseVector, CosineAsOverAllTerms) {
    for (const TermOrder order : {TermOrder::kByBytes, TermOrder::kByLengthThenBytes})
        for (std::uint64_t round = 0; round < 100; round++) {
            const Weights a = made_weights(round, 1 + round % 40), b = made_weights(round + 500, 25);
            EXPECT_NEAR(*cosine(in_order(a, order), in_order(b, order), order), exact(a, b), 1e-14);
        }
}

// Bytes above 127 come last in both orders.
TEST(SparseVector, BytesAreUnsigned) {
    const std::vector<WeightedTerm> a{{"z", 1}, {"\xc3\xa4", 1}}, b{{"\xc3\xa4", 1}};
    for (const TermOrder order : {TermOrder::kByBytes, TermOrder::kByLengthThenBytes})
        EXPECT_NEAR(*cosine(a, b, order), std::sqrt(.5), 1e-15);
}

TEST(SparseVector, NoneWithoutADirection) {
    const std::vector<WeightedTerm> empty, zero{{"a", 0}}, some{{"a", 1}};
    for (const auto& vector : {empty, zero}) {
        EXPECT_FALSE(cosine(vector, some, TermOrder::kByBytes));
        EXPECT_FALSE(cosine(some, vector, TermOrder::kByBytes));
        EXPECT_FALSE(cosine(vector, vector, TermOrder::kByBytes));
    }
    EXPECT_EQ(cosine(some, some, TermOrder::kByBytes), 1);
}

TEST(SparseVector, HugeAndTinyWeights) {
    for (const double scale : {1e200, 1e-200, 1.7e308, 1e-310, 5e-324}) {
        std::vector<WeightedTerm> a{{"a", scale}, {"b", scale}};
        const std::vector<WeightedTerm> b{{"b", 3}};
        EXPECT_NEAR(*cosine(a, b, TermOrder::kByBytes), std::sqrt(.5), 1e-12) << scale;
        normalize(a);
        for (const WeightedTerm& t : a) EXPECT_NEAR(t.weight, std::sqrt(.5), 1e-12) << scale;
    }
}

TEST(SparseVector, NormalizedHasLengthOne) {
    std::vector<WeightedTerm> vector{{"a", 3}, {"b", -4}}, zero{{"a", 0}}, empty;
    normalize(vector);
    EXPECT_DOUBLE_EQ(vector[0].weight, .6);
    EXPECT_DOUBLE_EQ(vector[1].weight, -.8);
    normalize(zero);
    EXPECT_EQ(zero[0].weight, 0);
    normalize(empty);
}

}  // namespace
}  // namespace personalize::core
