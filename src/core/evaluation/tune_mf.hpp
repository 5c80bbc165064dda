// Searches settings of a matrix factorization that do best on held-out ratings.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/evaluation/evaluate.hpp"
#include "core/evaluation/mf_search.hpp"
#include "core/evaluation/split.hpp"

namespace personalize::core {

struct TuningOptions {
    MfSearchSpace space;
    std::string metric = "ndcg";  // a name of evaluate()
    int trials = 27;
    double seconds = 600;  // for all trials, and for training the best on everything afterwards
    EvaluationOptions evaluation;
    std::uint64_t seed = 0;
};

// One choice of settings, as far as it has been tried.
struct Trial {
    int number = 0;         // from 1; 1 are the defaults
    MfOptions settings;     // with all the iterations that it was meant to have
    int trained = 0;        // iterations of its longest training so far: all, if time was left
    Measure score{};        // the best so far,
    int iterations = 0;     // after this many
    double last_score = 0;  // after the longest training
    double seconds = 0;     // that all its trainings and measurements took
    bool scored() const noexcept { return trained > 0; }
};

struct Tuning {
    Trial best;
    Trial defaults;  // trial 1
    int trials = 0;  // that were scored
    bool out_of_time = false;
};

// Whether larger values of a figure are better. Throws InvalidInput, with the names that there are, for a
// figure that does not say how good a model of this kind is.
bool larger_is_better(const std::string& metric, Feedback feedback);

// Random search with successive halving (Jamieson and Talwalkar 2016): trials go in groups of nine; all nine
// are trained for a quarter of their iterations, the best three for half of them, the best one for all; the
// defaults always go all the way. What is best after few iterations may be chosen with few. The first group
// is drawn at random, later ones near the best so far.
//
// `parts` as split() made them; `report` is told of every trial each time it has been scored, and may throw.
// Settings with which a training fails are scored as NaN, the worst of all. The same options and data give
// the same trials with the same scores, as far as the time allows. Throws InvalidInput where the time ends
// before anything has been scored, the first failure where every trial failed, what host.poll() and report()
// throw. Memory is claimed from `budget` for one training at a time.
Tuning tune_mf(Split& parts, const TuningOptions& options, MemoryBudget& budget, Host& host,
               const std::function<void(const Trial&)>& report);

}  // namespace personalize::core
