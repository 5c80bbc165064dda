// An evaluation as rows of SQL.
#pragma once

#include "core/evaluation/evaluate.hpp"
#include "pg/bridge/write_rows.hpp"

namespace personalize::pg {

// Columns metric, value, standard_error, popularity, users, ratings; the counts behind the measures.
void put_evaluation(ResultRows& rows, const core::Evaluation& evaluation);

}  // namespace personalize::pg
