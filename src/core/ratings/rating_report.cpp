#include "core/ratings/rating_report.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace personalize::core {

namespace {

constexpr std::int64_t kFewRatings = 1000;  // a training on fewer is hardly better than popularity
constexpr double kSecondsPerDay = 86400;

// The shortest digits that are this number as a float, if it is one, or as a double.
std::string digits(double x) {
    char text[32];
    const auto as_float = static_cast<float>(x);
    const bool is_float = static_cast<double>(as_float) == x;
    if (x == std::trunc(x) && std::abs(x) < 1e15) {
        std::snprintf(text, sizeof text, "%.0f", x);
        return text;
    }
    for (int precision = 1; precision <= 17; precision++) {
        std::snprintf(text, sizeof text, "%.*g", precision, x);
        if (is_float ? std::strtof(text, nullptr) == as_float : std::strtod(text, nullptr) == x) break;
    }
    return text;
}

std::string percent(std::int64_t part, std::int64_t whole, const std::string& of) {
    if (whole == 0) return "";
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", 100 * static_cast<double>(part) / static_cast<double>(whole));
    return text + of;
}

class Report {
  public:
    Report(const RatingSummary& summary, const ReportContext& context) : s_(summary), context_(context) {}

    std::vector<ReportRow> make() {
        sizes();
        flaws();
        scale();
        per_id("ratings_per_user_", "users", s_.per_user);
        per_id("ratings_per_item_", "items", s_.per_item);
        few_ratings();
        values();
        if (context_.has_times) times();
        warnings_of_size();
        warnings_of_ids();
        warnings_of_ratings();
        return std::move(measures_);
    }

  private:
    void put(std::string name, std::optional<double> value, std::string detail) {
        measures_.push_back({std::move(name), value, std::move(detail)});
    }
    void count(const char* name, std::int64_t value, std::string detail) {
        put(name, static_cast<double>(value), std::move(detail));
    }
    void share_of_rows(const char* name, std::int64_t value, const std::string& what = "") {
        count(name, value, percent(value, s_.rows, " of rows" + what));
    }
    void warn(std::int64_t concerned, std::string sentence) {
        if (concerned > 0) count("warning", concerned, std::move(sentence));
    }

    void sizes() {
        count("rows", s_.rows, "all that you may see");
        count("usable_rows", s_.usable_rows, "with both ids and a finite rating: what a training reads");
        count("users", s_.users, "distinct user ids, NULL not counted, over all rows");
        count("items", s_.items, "distinct item ids, NULL not counted, over all rows");
        const double possible = static_cast<double>(s_.users) * static_cast<double>(s_.items);
        put("density", possible > 0 ? std::optional(static_cast<double>(s_.pairs) / possible) : std::nullopt,
            std::to_string(s_.pairs) + " distinct pairs of user and item, of " + std::to_string(s_.users) +
                " x " + std::to_string(s_.items));
        share_of_rows("repeats", s_.repeats, "; with both ids, and not the first of their user and item");
    }

    void flaws() {
        share_of_rows("null_users", s_.null_users);
        share_of_rows("null_items", s_.null_items);
        share_of_rows("null_ratings", s_.null_ratings);
        share_of_rows("nan_ratings", s_.nan_ratings);
        share_of_rows("infinite_ratings", s_.infinite_ratings, "; infinite, or beyond the range of real");
        share_of_rows("blank_users", s_.blank_users, "; empty or white space");
        share_of_rows("blank_items", s_.blank_items, "; empty or white space");
    }

    void scale() {
        if (context_.has_lowest) share_of_rows("below_lowest", s_.below_lowest);
        if (context_.has_highest) share_of_rows("above_highest", s_.above_highest);
        share_of_rows("negative_ratings", s_.negative_ratings);
        share_of_rows("zero_ratings", s_.zero_ratings);
    }

    void per_id(const std::string& prefix, const std::string& ids, const std::optional<RowsPerId>& rows) {
        const auto put_one = [&](const char* name, double RowsPerId::*part) {
            put(prefix + name, rows ? std::optional((*rows).*part) : std::nullopt,
                "rows, over all " + ids + "; repeats count");
        };
        put_one("minimum", &RowsPerId::minimum);
        put_one("median", &RowsPerId::median);
        put_one("p90", &RowsPerId::p90);
        put_one("maximum", &RowsPerId::maximum);
    }

    void few_ratings() {
        put("share_of_users_below_5",
            s_.users > 0
                ? std::optional(static_cast<double>(s_.users_with_few_rows) / static_cast<double>(s_.users))
                : std::nullopt,
            std::to_string(s_.users_with_few_rows) + " of " + std::to_string(s_.users) +
                " users have fewer than 5 rows");
    }

    void values() {
        const Moments& ratings = s_.ratings;
        const auto put_one = [&](const char* name, double value) {
            put(name, ratings.count() > 0 ? std::optional(value) : std::nullopt,
                context_.has_ratings ? "of " + std::to_string(ratings.count()) + " finite ratings"
                                     : "without a rating column each row counts 1");
        };
        put_one("rating_minimum", ratings.minimum());
        put_one("rating_mean", static_cast<double>(ratings.mean()));
        put_one("rating_deviation", static_cast<double>(ratings.deviation()));
        put_one("rating_maximum", ratings.maximum());
        for (const ValueCount& value : s_.distribution)
            count(("rating " + digits(value.value)).c_str(), value.count,
                  percent(value.count, ratings.count(), ""));
        for (std::size_t k = 0; k < s_.quantiles.size(); k++) {
            char name[32];
            std::snprintf(name, sizeof name, "rating_p%02.0f", 100 * RatingSummary::kShares[k]);
            put(name, s_.quantiles[k], "percentile of the ratings, which have more than 20 distinct values");
        }
    }

    void times() {
        share_of_rows("null_times", s_.null_times);
        put("first_time", s_.first_time, context_.first_time);
        put("last_time", s_.last_time, context_.last_time);
        std::optional<double> days;
        if (context_.times_are_dates && s_.first_time)
            days = (*s_.last_time - *s_.first_time) / kSecondsPerDay;
        if (days && std::isnan(*days)) days.reset();
        put("time_span_days", days, context_.times_are_dates ? "" : "unknown: the times are plain numbers");
    }

    void warnings_of_size() {
        if (s_.rows == 0)
            count("warning", 0,
                  "There are no rows that you may see: fill the relation, or look at its rights, row-level "
                  "security and, if it is a view, its conditions.");
        else if (s_.usable_rows < kFewRatings)
            count("warning", s_.usable_rows,
                  "Only so many rows can be used, and a model of fewer than " + std::to_string(kFewRatings) +
                      " is hardly better than popular items: collect more first.");
        if (!context_.missing_index.empty())
            count("warning", s_.rows,
                  "There is no index on the user column, so that serving reads all rows at each call: " +
                      context_.missing_index + ";");
        warn(s_.repeats,
             "Rows repeat a user and item: on_duplicate of the training says whether their ratings are "
             "summed, "
             "averaged, the last one taken, or refused.");
        if (2 * s_.users_with_few_rows >= s_.users)
            warn(
                s_.users_with_few_rows,
                "At least half of the users have fewer than 5 rows: they get little more than popular items; "
                "leave them out of evaluations, or add other signals such as views or clicks.");
    }

    void warnings_of_ids() {
        warn(s_.null_users,
             "Rows without a user id are skipped by a training: fill the id in, or accept it.");
        warn(s_.null_items,
             "Rows without an item id are skipped by a training: fill the id in, or accept it.");
        warn(s_.blank_users, blank("user"));
        warn(s_.blank_items, blank("item"));
    }

    static std::string blank(const std::string& what) {
        return "Blank " + what + " ids are ids to a training, all their rows one " + what +
               ": make them NULL in a view, with nullif(btrim(...), '').";
    }

    void warnings_of_ratings() {
        warn(s_.null_ratings,
             "Rows without a rating are skipped by a training: fill it in, or use rating_column => NULL if "
             "each row counts.");
        warn(s_.nan_ratings, "Ratings that are NaN are skipped by a training: correct them, or accept it.");
        warn(s_.infinite_ratings,
             "A training refuses infinite ratings: correct them, or leave them out in a view.");
        warn(s_.below_lowest + s_.above_highest,
             "Ratings lie outside the scale that you gave: correct them, or leave them out in a view.");
        warn(s_.negative_ratings,
             "Ratings are negative: are they cancellations? Then leave them out in a view, with what they "
             "cancel; for dislikes use positive_from.");
        if (context_.has_ratings && s_.ratings.count() > 1 && s_.ratings.minimum() == s_.ratings.maximum())
            warn(s_.ratings.count(),
                 "All ratings are equal and tell nothing but that a row is there: use rating_column => NULL "
                 "and feedback => 'implicit'.");
        if (context_.times_are_dates)
            warn(s_.future_times,
                 "Times lie in the future: correct them before splitting by time, or taking the last of "
                 "repeated rows.");
    }

    const RatingSummary& s_;
    const ReportContext& context_;
    std::vector<ReportRow> measures_;
};

}  // namespace

std::vector<ReportRow> report(const RatingSummary& summary, const ReportContext& context) {
    return Report(summary, context).make();
}

}  // namespace personalize::core
