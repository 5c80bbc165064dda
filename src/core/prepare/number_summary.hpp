// How the numbers of a column are spread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/runtime/host.hpp"

namespace personalize::core {

struct NumberSummary {
    std::optional<double> mean, deviation;    // of the population; nothing where a value is infinite
    double minimum, q1, median, q3, maximum;  // as quantiles()
    std::int64_t outliers;                    // beyond TukeyFences
};

// `values` (not NaN, at least one; infinite ones are values) are put in another order. Polls the host.
NumberSummary summarize_numbers(std::span<double> values, Host& host);

}  // namespace personalize::core
