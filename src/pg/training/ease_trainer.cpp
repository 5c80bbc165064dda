#include "pg/training/ease_trainer.hpp"

#include "pg/bridge/json.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/training/knn_trainer.hpp"

namespace personalize::pg {

namespace {

constexpr int kMaxNeighbors = 10000;
constexpr float kLeastRegularization = 1e-3f, kMostRegularization = 1e9f, kMostDropout = .99f;

}  // namespace

EaseRequest parse_ease_request(const Arguments& arguments) {
    EaseRequest request{parse_training_request(arguments, kEaseTail), {}};
    if (request.feedback == core::Feedback::explicit_feedback)
        does_not_fit("feedback => 'explicit'", "train_ease",
                     "It ranks; use train_mf or train_knn to predict ratings.");
    core::KnnOptions& options = request.options;
    options.weighting = request.weighting;
    options.positive_from = request.positive_from;
    auto& ease = options.method.emplace<core::ease::Options>();
    ease.lambda =
        arguments.real(kEaseRegularization, "regularization", kLeastRegularization, kMostRegularization);
    ease.dropout = arguments.real(kEaseDropout, "dropout", 0, kMostDropout);
    ease.neighbours = arguments.integer(kEaseNeighbors, "neighbors", 1, kMaxNeighbors);
    ease.threads = settings::threads();
    return request;
}

std::unique_ptr<FittedModel> fit_model(core::Ratings ratings, const EaseRequest& request, RatingsWork& work) {
    const auto& ease = std::get<core::ease::Options>(request.options.method);
    std::string own = R"("regularization": )" + json_number(ease.lambda) + R"(, "dropout": )" +
                      json_number(ease.dropout) + R"(, "neighbors": )" + std::to_string(ease.neighbours);
    return fit_neighbours(std::move(ratings), request.options, "ease", std::move(own), work);
}

}  // namespace personalize::pg
