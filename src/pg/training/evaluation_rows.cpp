#include "pg/training/evaluation_rows.hpp"

#include <cmath>
#include <vector>

namespace personalize::pg {

namespace {

void put_number(double number, Datum* value, bool* null) {
    *value = Float8GetDatum(number);
    *null = std::isnan(number);
}

std::vector<core::Measure> with_counts(const core::Evaluation& evaluation) {
    std::vector<core::Measure> measures = evaluation.measures;
    const auto count = [&](const char* name, std::int64_t value) {
        measures.push_back(
            {name, static_cast<double>(value), NAN, NAN, evaluation.test_users, evaluation.test_ratings});
    };
    count("overlap", evaluation.overlap);
    count("cold_users", evaluation.cold_users);
    count("cold_items", evaluation.cold_items);
    count("cold_ratings", evaluation.cold_ratings);
    return measures;
}

}  // namespace

void put_evaluation(ResultRows& rows, const core::Evaluation& evaluation) {
    const std::vector<core::Measure> measures = with_counts(evaluation);
    rows.put(std::ssize(measures),
             [measures = measures.data()](std::int64_t row, Datum* values, bool* nulls) {
                 const core::Measure& measure = measures[row];
                 values[0] = CStringGetTextDatum(measure.name);
                 put_number(measure.value, &values[1], &nulls[1]);
                 put_number(measure.standard_error, &values[2], &nulls[2]);
                 put_number(measure.popularity, &values[3], &nulls[3]);
                 values[4] = Int64GetDatum(measure.users);
                 values[5] = Int64GetDatum(measure.ratings);
             });
}

}  // namespace personalize::pg
