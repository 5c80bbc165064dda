#include "core/ratings/feedback.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <string>

#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

struct Summary {
    std::int64_t count = 0;
    double sum = 0;
    float lowest = std::numeric_limits<float>::infinity();
    float highest = -std::numeric_limits<float>::infinity();

    void add(float rating, double amount) {
        count++;
        sum += amount;
        lowest = std::min(lowest, rating);
        highest = std::max(highest, rating);
    }
    float mean() const { return static_cast<float>(sum / static_cast<double>(count)); }
};

std::string number(float value) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return {digits.data(), end};
}

const char* name_of(Weighting weighting) {
    switch (weighting) {
        case Weighting::binary:
            return "binary";
        case Weighting::linear:
            return "linear";
        case Weighting::log:
            break;
    }
    return "log";
}

double confidence(Weighting weighting, float rating) {
    switch (weighting) {
        case Weighting::binary:
            return 1;
        case Weighting::linear:
            return rating;
        case Weighting::log:
            break;
    }
    return std::log1p(rating);
}

void check_there_are_ratings(const SparseMatrix& ratings) {
    if (ratings.values.empty()) throw InvalidInput("there are no ratings", "Train on a relation with rows.");
}

void check_something_is_liked(const Summary& likes, const SparseMatrix& ratings, float positive_from) {
    if (likes.count > 0) return;
    const float highest = *std::max_element(ratings.values.begin(), ratings.values.end());
    throw InvalidInput(
        "no rating reaches positive_from = " + number(positive_from) + " (the highest is " + number(highest) +
            ")",
        "Choose positive_from in the range of the ratings, or leave it out to count every row as a like.");
}

void check_likes_have_weight(const Summary& likes, Weighting weighting) {
    if (weighting == Weighting::binary || likes.lowest > 0) return;
    throw InvalidInput(std::string("weighting \"") + name_of(weighting) +
                           "\" needs positive ratings, and the smallest is " + number(likes.lowest),
                       "Use weighting => 'binary', or positive_from to mark low ratings as dislikes.");
}

void check_deviations_are_finite(const FeedbackRule& rule) {
    if (std::isfinite(rule.highest - rule.mean) && std::isfinite(rule.lowest - rule.mean)) return;
    throw InvalidInput(
        "ratings from " + number(rule.lowest) + " to " + number(rule.highest) + " are too far apart",
        "Divide the ratings by a constant.");
}

// Of those that are finite, 0 where no rating has such a time.
double latest(std::span<const double> times) noexcept {
    double result = -std::numeric_limits<double>::infinity();
    for (const double time : times)
        if (std::isfinite(time)) result = std::max(result, time);
    return std::isfinite(result) ? result : 0;
}

FeedbackRule fit_explicit(const SparseMatrix& ratings) {
    Summary all;
    for (const float rating : ratings.values) all.add(rating, rating);
    FeedbackRule rule;
    rule.feedback = Feedback::explicit_feedback;
    rule.mean = all.mean();
    rule.lowest = all.lowest;
    rule.highest = all.highest;
    check_deviations_are_finite(rule);
    return rule;
}

FeedbackRule fit_implicit(const SparseMatrix& ratings, Weighting weighting, const float* positive_from) {
    FeedbackRule rule;
    rule.weighting = weighting;
    rule.has_positive_from = positive_from != nullptr;
    if (positive_from != nullptr) rule.positive_from = *positive_from;
    Summary likes;
    for (const float rating : ratings.values)
        if (positive_from == nullptr || rating >= *positive_from)
            likes.add(rating, confidence(weighting, rating));
    check_something_is_liked(likes, ratings, rule.positive_from);
    check_likes_have_weight(likes, weighting);
    rule.scale = likes.mean();
    return rule;
}

}  // namespace

FeedbackRule FeedbackRule::fit(const SparseMatrix& ratings, Feedback feedback, Weighting weighting,
                               const float* positive_from) {
    check_there_are_ratings(ratings);
    return feedback == Feedback::explicit_feedback ? fit_explicit(ratings)
                                                   : fit_implicit(ratings, weighting, positive_from);
}

float FeedbackRule::encode(float rating) const noexcept {
    if (feedback == Feedback::explicit_feedback) return rating - mean;
    if (has_positive_from && rating < positive_from) return -1;
    if (weighting == Weighting::binary) return 1;
    if (!(rating > 0)) return 0;
    const auto weight = static_cast<float>(confidence(weighting, rating) / scale);
    return std::max(weight, std::numeric_limits<float>::min());
}

float FeedbackRule::encode(float rating, double time) const noexcept {
    const float fresh = encode(rating);
    return half_life == 0 ? fresh : static_cast<float>(fresh * freshness(time));
}

double FeedbackRule::freshness(double time) const noexcept {
    return std::max(kLeastFreshness, std::exp2(-std::max(0.0, newest - time) / half_life));
}

void encode(SparseMatrix& ratings, const FeedbackRule& rule) noexcept {
    for (float& value : ratings.values) value = rule.encode(value);
}

std::int64_t count_negative(const SparseMatrix& ratings) noexcept {
    return std::count_if(ratings.values.begin(), ratings.values.end(), [](float value) { return value < 0; });
}

std::int64_t count_worn_out(const Ratings& ratings) noexcept {
    if (ratings.half_life == 0) return 0;
    FeedbackRule rule;
    rule.half_life = ratings.half_life;
    rule.newest = latest(ratings.times);
    return std::count_if(ratings.times.begin(), ratings.times.end(), [&rule](double time) {
        return rule.freshness(time) == FeedbackRule::kLeastFreshness;
    });
}

FeedbackRule fit_and_encode(Ratings& ratings, Feedback feedback, Weighting weighting,
                            const std::optional<float>& positive_from) {
    SparseMatrix& by_user = ratings.by_user;
    auto rule = FeedbackRule::fit(by_user, feedback, weighting, positive_from ? &*positive_from : nullptr);
    if (ratings.half_life > 0) {
        rule.half_life = ratings.half_life;
        rule.newest = latest(ratings.times);
        for (std::size_t k = 0; k < by_user.values.size(); k++)
            by_user.values[k] = rule.encode(by_user.values[k], ratings.times[k]);
    } else {
        encode(by_user, rule);
    }
    BulkVector<double>().swap(ratings.times);
    return rule;
}

}  // namespace personalize::core
