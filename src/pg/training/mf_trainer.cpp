#include "pg/training/mf_trainer.hpp"

namespace personalize::pg {

namespace {

class FittedMf : public FittedModel {
  public:
    FittedMf(core::Ratings ratings, core::MfModel model)
        : FittedModel(std::move(ratings)), model_(std::move(model)) {}
    core::ModelParts parts() const override { return model_.parts(ratings()); }
    std::string algorithm() const override { return core::algorithm_name(model_.options.solver); }
    std::string options_json(const TrainingRequest& request) const override {
        return pg::options_json(request, model_.options);
    }
    std::vector<double> loss() const override { return model_.loss; }

  private:
    const core::MfModel model_;
};

}  // namespace

std::unique_ptr<FittedModel> fit_mf(core::Ratings ratings, const core::MfOptions& options,
                                    RatingsWork& work) {
    work.enter(Phase::training);
    const core::FeedbackRule rule = core::encode_ratings(ratings, options);
    core::MfModel model = core::train_mf(ratings, rule, options, work.budget(), work.host());
    return std::make_unique<FittedMf>(std::move(ratings), std::move(model));
}

}  // namespace personalize::pg
