#include "core/ratings/rating_report.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace personalize::core {
namespace {

std::vector<std::string> names_of(const std::vector<ReportRow>& measures) {
    std::vector<std::string> names;
    for (const ReportRow& measure : measures) names.push_back(measure.name);
    return names;
}

RatingSummary with_values(const std::vector<double>& values) {
    RatingSummary summary;
    summary.rows = summary.usable_rows = 100000;
    for (const double value : values) {
        summary.ratings.add(value);
        summary.distribution.push_back({value, 1});
    }
    return summary;
}

TEST(RatingReport, NamesValuesByTheirShortestDigits) {
    const auto names =
        names_of(report(with_values({0, 0.5, 4.1, static_cast<double>(4.1f), 1e6, 1e20, 1.0 / 3, -2}), {}));
    const std::vector<std::string> values(names.end() - 8, names.end());
    EXPECT_EQ(values, (std::vector<std::string>{"rating 0", "rating 0.5", "rating 4.1", "rating 4.1",
                                                "rating 1000000", "rating 1e+20", "rating 0.3333333333333333",
                                                "rating -2"}));
}

TEST(RatingReport, OfNothingHasEveryMeasureAndAWarning) {
    const auto measures = report({}, {});
    EXPECT_EQ(names_of(measures), (std::vector<std::string>{"rows",
                                                            "usable_rows",
                                                            "users",
                                                            "items",
                                                            "density",
                                                            "repeats",
                                                            "null_users",
                                                            "null_items",
                                                            "null_ratings",
                                                            "nan_ratings",
                                                            "infinite_ratings",
                                                            "blank_users",
                                                            "blank_items",
                                                            "negative_ratings",
                                                            "zero_ratings",
                                                            "ratings_per_user_minimum",
                                                            "ratings_per_user_median",
                                                            "ratings_per_user_p90",
                                                            "ratings_per_user_maximum",
                                                            "ratings_per_item_minimum",
                                                            "ratings_per_item_median",
                                                            "ratings_per_item_p90",
                                                            "ratings_per_item_maximum",
                                                            "share_of_users_below_5",
                                                            "rating_minimum",
                                                            "rating_mean",
                                                            "rating_deviation",
                                                            "rating_maximum",
                                                            "warning"}));
    EXPECT_EQ(measures.front().value, 0);
    EXPECT_EQ(measures[4].value, std::nullopt);
    EXPECT_EQ(measures.back().value, 0);
}

// The warnings, each by the value that it carries.
std::vector<double> warnings(const RatingSummary& summary, const ReportContext& context = {}) {
    std::vector<double> values;
    for (const ReportRow& measure : report(summary, context))
        if (measure.name == "warning") values.push_back(*measure.value);
    return values;
}

TEST(RatingReport, WarnsOfWhatIsThereOnly) {
    RatingSummary summary = with_values({1, 2, 3});
    summary.users = 1000;
    EXPECT_EQ(warnings(summary), std::vector<double>{});
    summary.repeats = 11;
    summary.null_users = 12;
    summary.null_items = 13;
    summary.blank_users = 14;
    summary.blank_items = 15;
    summary.null_ratings = 16;
    summary.nan_ratings = 17;
    summary.infinite_ratings = 18;
    summary.below_lowest = 19;
    summary.above_highest = 1;
    summary.negative_ratings = 21;
    summary.future_times = 22;
    summary.users_with_few_rows = 500;
    ReportContext context;
    context.times_are_dates = true;
    context.missing_index = "CREATE INDEX ON ratings (user_id)";
    EXPECT_EQ(warnings(summary, context),
              (std::vector<double>{100000, 11, 500, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22}));
    summary.users_with_few_rows = 499;
    EXPECT_EQ(warnings(summary, context).size(), 12u);
}

TEST(RatingReport, WarnsOfFewAndOfEqualRatings) {
    RatingSummary summary = with_values({4});
    EXPECT_EQ(warnings(summary), std::vector<double>{});  // one rating is equal to itself
    summary.ratings.add(4);
    EXPECT_EQ(warnings(summary), std::vector<double>{2});
    ReportContext counted;
    counted.has_ratings = false;
    EXPECT_EQ(warnings(summary, counted), std::vector<double>{});
    summary.usable_rows = 999;
    EXPECT_EQ(warnings(summary, counted), std::vector<double>{999});
}

}  // namespace
}  // namespace personalize::core
