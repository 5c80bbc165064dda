#include "pg/training/evaluation_rows.hpp"

#include <cmath>

namespace personalize::pg {

void fill_measure(const core::Measure& measure, Datum* values, bool* nulls) {
    const double numbers[] = {measure.value, measure.standard_error, measure.popularity};
    values[0] = CStringGetTextDatum(measure.name);
    for (int k = 0; k < 3; k++) {
        values[k + 1] = Float8GetDatum(numbers[k]);
        nulls[k + 1] = std::isnan(numbers[k]);
    }
    values[4] = Int64GetDatum(measure.users);
    values[5] = Int64GetDatum(measure.ratings);
}

}  // namespace personalize::pg
