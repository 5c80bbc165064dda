#include "core/factorization/rating_posterior.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "core/runtime/error.hpp"
#include "factorization/made_ratings.hpp"
#include "factorization/naive_posterior.hpp"

namespace personalize::core {
namespace {

using test::made_gaussian;
using test::NaivePosterior;

constexpr int kItems = 60;

struct MadePosterior {
    MadePosterior(int rank, int samples) : view{rank, samples, nullptr}, items(kItems, view.width()) {
        Random random(4, 0);
        for (int s = 0; s < samples; s++) {
            parameters.push_back(.5f + .1f * static_cast<float>(s % 3));  // noise
            parameters.push_back(s % 2 == 0 ? 3.0f : 8.0f);               // degrees of freedom
            const Gaussian g = gaussian(s);
            for (const double x : g.mean) parameters.push_back(static_cast<float>(x));
            for (int k = 0; k < rank; k++) parameters.push_back(static_cast<float>(.3 * random.normal()));
            for (int i = 0; i < rank; i++)
                for (int j = 0; j <= i; j++)
                    parameters.push_back(static_cast<float>(g.precision[i * rank + j]));
        }
        for (int i = 0; i < kItems; i++) {
            float* const row = items.row(i);
            for (int k = 0; k < rank * samples; k++) row[k] = static_cast<float>(random.normal());
            double bias = 0;
            for (int s = 0; s < samples; s++)
                for (int k = 0; k < rank; k++) bias += gaussian(s).mean[k] * y(s, i)(k) / samples;
            row[rank * samples] = static_cast<float>(bias);
            row[rank * samples + 1] = 1;
        }
        view.parameters = parameters.data();
    }

    Gaussian gaussian(int s) const { return made_gaussian(view.rank, static_cast<std::uint64_t>(s)); }
    const float* of(int s) const { return parameters.data() + s * posterior_floats(view.rank); }
    Eigen::VectorXd y(int s, int item) const {
        Eigen::VectorXd values(view.rank);
        for (int k = 0; k < view.rank; k++)
            values(k) = items.row(item)[s * view.rank + k] + of(s)[2 + view.rank + k];
        return values;
    }

    PosteriorView view;
    std::vector<float> parameters;
    Factors items;
};

// What PosteriorFoldIn says it does.
RatingDistribution naive_prediction(const MadePosterior& made, const SparseRow& ratings, int item) {
    std::vector<double> means;
    double variance = 0;
    const int samples = made.view.samples;
    for (int s = 0; s < samples; s++) {
        const double noise = made.of(s)[0], freedom = made.of(s)[1];
        const auto n = static_cast<double>(ratings.size());
        NaivePosterior posterior(made.gaussian(s));
        for (std::size_t k = 0; k < ratings.size(); k++)
            posterior.add(made.y(s, ratings.columns[k]), ratings.values[k], 1 / (noise * noise));
        double a = 1, squares = 0;
        posterior.solve();
        for (int update = 0; update < 3 && n > 0; update++) {
            squares = posterior.expected_squares();
            a = (freedom + n) / (freedom + squares);
            posterior.solve(a);
        }
        means.push_back(posterior.mean.dot(made.y(s, item)));
        variance += posterior.variance(made.y(s, item)) / samples +
                    noise * noise * (freedom + squares) / (freedom + n - 2) / samples;
    }
    double mean = 0;
    for (const double m : means) mean += m / samples;
    for (const double m : means) variance += (m - mean) * (m - mean) / std::max(1, samples - 1);
    return {static_cast<float>(mean), static_cast<float>(std::sqrt(variance))};
}

class RatingPosteriorOf : public testing::TestWithParam<std::pair<int, int>> {};

TEST_P(RatingPosteriorOf, PredictsAsTheNaiveOneAndSaysWhy) {
    const MadePosterior made(GetParam().first, GetParam().second);
    const SparseMatrix ratings = test::made_weights(6, kItems, .3);
    const auto fold_in = PosteriorFoldIn::of(made.view);
    std::vector<float> row(static_cast<std::size_t>(made.items.stride()));
    for (std::int64_t u = 0; u <= ratings.rows(); u++) {
        const SparseRow of = u < ratings.rows() ? ratings.row(u) : SparseRow{};
        fold_in->solve(made.items.view(), of.columns, of.values, row.data());
        for (const int item : {0, 17}) {
            const RatingDistribution expected = naive_prediction(made, of, item),
                                     got = fold_in->predict(made.items.view(), item);
            EXPECT_NEAR(got.mean, expected.mean, 2e-3 * (1 + std::fabs(expected.mean)));
            EXPECT_NEAR(got.deviation, expected.deviation, 2e-3 * expected.deviation);
            double product = 0;
            for (int k = 0; k < made.view.width(); k++)
                product += static_cast<double>(row[k]) * made.items.row(item)[k];
            EXPECT_NEAR(product, got.mean, 1e-4 * (1 + std::fabs(expected.mean)));
            const Explanation why = fold_in->explain(made.items.view(), of.columns, of.values, item);
            ASSERT_EQ(why.contributions.size(), of.size());
            EXPECT_NEAR(std::accumulate(why.contributions.begin(), why.contributions.end(), why.baseline),
                        got.mean, 1e-4 * (1 + std::fabs(expected.mean)));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, RatingPosteriorOf,
                         testing::Values(std::pair(1, 1), std::pair(2, 3), std::pair(5, 20),
                                         std::pair(16, 16), std::pair(18, 2)));

TEST(RatingPosterior, OfNobodyTheItemBiasIsAllThatIsKnown) {
    const MadePosterior made(3, 7);
    std::vector<float> row(static_cast<std::size_t>(made.items.stride()), 9);
    PosteriorFoldIn::of(made.view)->solve(made.items.view(), {}, {}, row.data());
    for (int k = 0; k < made.items.stride(); k++) EXPECT_NEAR(row[k], k == 21 ? 1 : 0, 1e-6) << k;
}

TEST(RatingPosterior, MoreRatingsNarrowIt) {
    const MadePosterior made(3, 7);
    const auto fold_in = PosteriorFoldIn::of(made.view);
    std::vector<float> row(static_cast<std::size_t>(made.items.stride())), zeros(40);
    std::vector<std::int32_t> items(40);
    for (int i = 0; i < 40; i++) items[i] = i;
    float before = std::numeric_limits<float>::infinity();
    for (const std::size_t count : {0, 3, 40}) {
        fold_in->solve(made.items.view(), {items.data(), count}, {zeros.data(), count}, row.data());
        const float deviation = fold_in->predict(made.items.view(), 50).deviation;
        EXPECT_LT(deviation, before);
        before = deviation;
    }
}

TEST(RatingPosterior, RefusesParametersThatCannotBe) {
    MadePosterior made(2, 3);
    const auto refuses = [&](std::size_t place, float value) {
        std::swap(made.parameters[place], value);
        EXPECT_THROW(PosteriorFoldIn::of(made.view), CorruptModel) << place;
        made.parameters[place] = value;
    };
    const std::size_t second = posterior_floats(2);
    refuses(second, 0);
    refuses(second, -1);
    refuses(second + 1, 2);
    refuses(second + 3, std::numeric_limits<float>::quiet_NaN());
    refuses(2 * second + 4, std::numeric_limits<float>::infinity());
    refuses(second + 6, -1);
    EXPECT_NO_THROW(PosteriorFoldIn::of(made.view));
}

}  // namespace
}  // namespace personalize::core
