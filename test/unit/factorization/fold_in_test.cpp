#include "core/factorization/fold_in.hpp"

#include <gtest/gtest.h>

#include "factorization/made_ratings.hpp"

namespace personalize::core {
namespace {

Factors made_factors(std::int64_t rows, const Objective& objective) {
    Factors factors(rows, objective.width());
    for (std::int64_t r = 0; r < rows; r++) {
        Random random(3, static_cast<std::uint64_t>(r));
        for (int k = 0; k < objective.rank; k++) factors.row(r)[k] = static_cast<float>(random.normal());
        if (objective.has_biases()) factors.row(r)[objective.rank + 1] = 1;
    }
    return factors;
}

TEST(BaseGram, IsTheWeightedGramMatrixOfAllItems) {
    for (const int rank : {1, 16, 37, 64}) {
        const Objective objective{Feedback::implicit_feedback, rank, .1f, .25f, 1};
        const Factors items = made_factors(2100, objective);
        std::vector<float> gram(base_gram_floats(rank));
        base_gram(items.view(), objective, gram.data());
        for (int i = 0; i < rank; i++) {
            for (int j = 0; j < rank; j++) {
                double sum = 0;
                for (int r = 0; r < 2100; r++) sum += static_cast<double>(items.row(r)[i]) * items.row(r)[j];
                EXPECT_NEAR(gram[i * padded(rank) + j], .25 * sum, 1e-5 * 2100 * .25);
            }
        }
    }
}

TEST(FoldIn, NoObservationsGiveNoPreference) {
    for (const Feedback feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback}) {
        const Objective objective{feedback, 10, .1f, .25f, 1};
        const Factors items = made_factors(20, objective);
        std::vector<float> gram(base_gram_floats(10)), row(static_cast<std::size_t>(items.stride()), 5.0f);
        base_gram(items.view(), objective, gram.data());
        FoldIn::of(objective)->solve(items.view(), gram.data(), {}, {}, row.data());
        for (int k = 0; k < items.stride(); k++) EXPECT_EQ(row[k], k == 10 && objective.has_biases() ? 1 : 0);
    }
}

TEST(FoldIn, RepeatedCallsAgree) {
    const Objective objective{Feedback::implicit_feedback, 33, .1f, .25f, 1};
    const Factors items = made_factors(200, objective);
    std::vector<float> gram(base_gram_floats(33)), first(48), again(48);
    base_gram(items.view(), objective, gram.data());
    const auto fold_in = FoldIn::of(objective);
    std::vector<std::int32_t> many(150), few{3, 9};
    for (std::size_t k = 0; k < many.size(); k++) many[k] = static_cast<std::int32_t>(k);
    const std::vector<float> weights(150, 2.0f);
    fold_in->solve(items.view(), gram.data(), few, std::span(weights).first(2), first.data());
    fold_in->solve(items.view(), gram.data(), many, weights, again.data());
    EXPECT_NE(first, again);
    fold_in->solve(items.view(), gram.data(), few, std::span(weights).first(2), again.data());
    EXPECT_EQ(first, again);
}

}  // namespace
}  // namespace personalize::core
