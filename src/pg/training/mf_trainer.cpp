#include "pg/training/mf_trainer.hpp"

#include "core/model/new_items.hpp"

namespace personalize::pg {

namespace {

class FittedMf : public FittedModel {
  public:
    FittedMf(core::Ratings ratings, core::MfModel model, std::string items)
        : FittedModel(std::move(ratings)), model_(std::move(model)), items_(std::move(items)) {}
    core::ModelParts parts() const override { return model_.parts(ratings()); }
    std::string algorithm() const override { return core::algorithm_name(model_.options.solver); }
    std::string options_json(const TrainingRequest& request) const override {
        return pg::options_json(request, model_.options, items_);
    }
    std::vector<double> loss() const override { return model_.loss; }

  private:
    const core::MfModel model_;
    const std::string items_;  // options of the table of items
};

}  // namespace

std::unique_ptr<FittedModel> fit_mf(core::Ratings ratings, const core::MfOptions& options, RatingsWork& work,
                                    const ItemTable* items) {
    core::ItemFeatures features;
    if (items != nullptr) {
        work.enter(Phase::reading);
        features = read_items(*items, ratings.items.view().type(), work.budget(), work.host());
    }
    work.enter(Phase::training);
    const core::FeedbackRule rule = core::encode_ratings(ratings, options);
    core::MfModel model = core::train_mf(ratings, rule, options, work.budget(), work.host());
    if (items != nullptr)
        core::add_new_items(model, ratings, std::move(features), work.budget(), work.host());
    return std::make_unique<FittedMf>(std::move(ratings), std::move(model),
                                      items == nullptr ? "" : ", " + item_table_json(*items));
}

}  // namespace personalize::pg
