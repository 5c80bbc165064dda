// A matrix factorization from ratings to what serves: the solver, its defaults, and all that goes into a
// model beside the factors.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/factorization/objective.hpp"
#include "core/model/model_image.hpp"
#include "core/ratings/feedback.hpp"
#include "core/ratings/ratings.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

enum class MfSolver : std::uint8_t { als, sgd, gibbs };
const char* algorithm_name(MfSolver solver) noexcept;  // "mf_als", "mf_sgd", "mf_gibbs"

// Options of als.hpp, sgd.hpp and gibbs.hpp; what is not given is chosen from the data by completed().
struct MfOptions {
    Feedback feedback = Feedback::implicit_feedback;
    Weighting weighting = Weighting::binary;
    std::optional<float> positive_from;  // implicit; none: every row is a like
    MfSolver solver = MfSolver::als;     // sgd, gibbs: explicit feedback only
    int factors = kDefaultRank;
    int iterations = 10;  // gibbs: sweeps, of which the first fifth does not count
    std::optional<float> regularization, unobserved_weight, learning_rate;
    float tolerance = 0;
    std::uint64_t seed = 0;
    int threads = 1;
};

// With all that trains by these options on these ratings given (objective.hpp).
MfOptions completed(MfOptions options, const SparseMatrix& by_user);

struct MfModel {
    MfOptions options;  // completed
    Objective objective;
    FeedbackRule rule;
    Factors users, items;
    std::vector<double> loss;      // after each iteration
    std::vector<float> posterior;  // of gibbs
    int posterior_samples = 0;
    std::vector<float> base_gram, popularity;
    std::vector<std::int32_t> popular_order;
    SeenItemsList seen;

    // Views of this model and of the ratings that it was trained on, which live at least as long.
    ModelParts parts(const Ratings& ratings) const;
};

// encode() by a rule that fits, once for any number of trainings. Throws InvalidInput (feedback.hpp).
FeedbackRule encode_ratings(Ratings& ratings, const MfOptions& options);

// `ratings` as encode_ratings() left them. What the training takes is claimed from `budget`; it and the model
// stay claimed, for the caller to release (MemoryBudget::used() tells how much it was). Throws
// MemoryLimitExceeded, what als::train() or sgd::train() throw, what host.poll() throws.
MfModel train_mf(const Ratings& ratings, const FeedbackRule& rule, const MfOptions& options,
                 MemoryBudget& budget, Host& host);

}  // namespace personalize::core
