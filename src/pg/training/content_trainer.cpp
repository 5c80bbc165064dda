#include "pg/training/content_trainer.hpp"

#include "pg/bridge/settings.hpp"

namespace personalize::pg {

namespace {

class FittedContent : public FittedModel {
  public:
    FittedContent(core::Ratings ratings, core::ContentModel model, std::string options)
        : FittedModel(std::move(ratings)), model_(std::move(model)), options_(std::move(options)) {}
    core::ModelParts parts() const override { return model_.parts(ratings()); }
    std::string algorithm() const override { return "content"; }
    std::string options_json(const TrainingRequest& request) const override {
        return feedback_json(request) + options_ + R"(, "terms": )" + std::to_string(model_.terms.size()) +
               reading_json(request);
    }

  private:
    const core::ContentModel model_;
    const std::string options_;
};

}  // namespace

ContentRequest parse_content_request(const Arguments& arguments) {
    ContentRequest request{parse_training_request(arguments, kContentTail), {}};
    if (request.feedback == core::Feedback::explicit_feedback)
        does_not_fit(
            "feedback => 'explicit'", "train_content",
            "It ranks: say from which rating on an item is liked with positive_from, or use train_mf "
            "or train_knn to predict ratings.");
    request.items = item_table_argument(arguments, kContentItems, request.source);
    return request;
}

std::unique_ptr<FittedModel> fit_model(core::Ratings ratings, const ContentRequest& request,
                                       RatingsWork& work) {
    work.enter(Phase::reading);
    core::ItemFeatures features =
        read_items(request.items, ratings.items.view().type(), work.budget(), work.host());
    work.enter(Phase::training);
    const core::FeedbackRule rule =
        core::fit_and_encode(ratings, request.feedback, request.weighting, request.positive_from);
    core::ContentModel model = core::train_content(ratings, rule, std::move(features), settings::threads(),
                                                   work.budget(), work.host());
    return std::make_unique<FittedContent>(std::move(ratings), std::move(model),
                                           item_table_json(request.items));
}

}  // namespace personalize::pg
