// What a rating says: how training and serving turn it into a target and a weight.
#pragma once

#include <cstdint>
#include <optional>

#include "core/ratings/ratings.hpp"

namespace personalize::core {

// The values of these enums are stored in models: never renumber.
enum class Feedback : std::uint8_t { implicit_feedback = 0, explicit_feedback = 1 };
enum class Weighting : std::uint8_t { binary = 0, linear = 1, log = 2 };

// One number per observation, so that a sparse matrix carries it:
// - explicit: rating - mean, the deviation to be predicted, with weight 1;
// - implicit: +c for a like (preference 1 with confidence c), -c for a dislike (preference 0 with confidence
// c).
//   binary c = 1; linear c = rating / scale; log c = log(1 + rating) / scale. `scale` makes the mean c of the
//   likes 1, so that regularization and unobserved weight mean the same for each weighting. Dislikes have c
//   = 1.
struct FeedbackRule {
    Feedback feedback = Feedback::implicit_feedback;
    Weighting weighting = Weighting::binary;
    bool has_positive_from = false;
    float positive_from = 0;  // implicit: ratings below it are dislikes
    float scale = 1;
    float mean = 0;                 // explicit: of all ratings
    float lowest = 0, highest = 0;  // explicit: range of all ratings
    // Implicit: the time in which the confidence in a rating halves, in the unit of the time column, and the
    // time of the latest rating, whose age is none. half_life 0: ratings do not age.
    double half_life = 0, newest = 0;

    // Chooses scale, mean and range from the ratings. Throws InvalidInput where a like has no positive weight
    // (linear or log with ratings <= 0), or where nothing is liked.
    static FeedbackRule fit(const SparseMatrix& ratings, Feedback, Weighting, const float* positive_from);
    // The number described above. 0 (no observation) for a like without a positive weight: only serving meets
    // it.
    float encode(float rating) const noexcept;
    // The same of a rating that has an age: times 2^(-age / half_life), at least kLeastFreshness.
    float encode(float rating, double time) const noexcept;

    double freshness(double time) const noexcept;  // that factor; where there is a half-life
    static constexpr double kLeastFreshness = 1e-6;
};

void encode(SparseMatrix& ratings, const FeedbackRule& rule) noexcept;
// Of ratings that are not encoded yet.
std::int64_t count_negative(const SparseMatrix& ratings) noexcept;
// How many are so old, by ratings.half_life, that they count as little as any rating can.
std::int64_t count_worn_out(const Ratings& ratings) noexcept;
// Encodes by a rule that fits, and takes the times where there are any. Throws what FeedbackRule::fit()
// throws.
FeedbackRule fit_and_encode(Ratings& ratings, Feedback feedback, Weighting weighting,
                            const std::optional<float>& positive_from);

}  // namespace personalize::core
