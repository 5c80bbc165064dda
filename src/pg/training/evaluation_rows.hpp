// An evaluation as columns of SQL.
#pragma once

#include "core/evaluation/evaluate.hpp"
#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// Fills metric, value, standard_error, popularity, users, ratings, from `values[0]` on. A PostgreSQL call:
// use inside call().
void fill_measure(const core::Measure& measure, Datum* values, bool* nulls);

}  // namespace personalize::pg
