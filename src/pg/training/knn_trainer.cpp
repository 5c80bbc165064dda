#include "pg/training/knn_trainer.hpp"

#include "pg/bridge/json.hpp"
#include "pg/bridge/settings.hpp"

namespace personalize::pg {

namespace {

using core::knn::Similarity;
using core::knn::UserWeighting;

constexpr int kMaxNeighbors = 10000;
constexpr float kMaxShrinkage = 1e6f, kMaxExponent = 4;
// What finds a user's neighbours in some forty microseconds (doc/design.md).
constexpr int kDefaultSearchLimit = 20000;
// Where few common raters agree by chance.
constexpr float kDefaultShrinkage = 10;

const std::vector<const char*> kSimilarityNames = {"cosine",  "pearson",      "adjusted_cosine",
                                                   "jaccard", "cooccurrence", "rp3beta"};
enum class BasedOn { item, user };

const std::vector<const char*> kBasedOnNames = {"item", "user"};
const std::vector<const char*> kUserWeightingNames = {"none", "activity", "idf", "bm25"};

const core::knn::Options& of(const core::KnnOptions& options) {
    return std::get<core::knn::Options>(options.method);
}

bool is_rp3beta(const core::KnnOptions& options) { return of(options).similarity == Similarity::rp3beta; }

bool of_common_raters(const core::KnnOptions& options) {
    return of(options).similarity == Similarity::pearson ||
           of(options).similarity == Similarity::adjusted_cosine;
}

void check_combination(const Arguments& arguments, const core::KnnOptions& options) {
    for (const auto& [position, name] : {std::pair(kKnnAlpha, "alpha"), std::pair(kKnnBeta, "beta")})
        if (!is_rp3beta(options) && !arguments.is_null(position))
            does_not_fit(name, "this similarity", "Leave it out, or use similarity => 'rp3beta'.");
    if (is_rp3beta(options) && of(options).user_weighting != UserWeighting::none)
        does_not_fit("user_weighting", "similarity => 'rp3beta'", "Leave it out: alpha stands in its place.");
    if (is_rp3beta(options) && options.feedback == core::Feedback::explicit_feedback)
        does_not_fit("similarity => 'rp3beta'", "explicit feedback",
                     "Use another similarity, or feedback => 'implicit'.");
    if (!options.of_users && !arguments.is_null(kKnnSearchLimit))
        does_not_fit("search_limit", "based_on => 'item'", "Leave it out: items' neighbours are stored.");
    const std::string similarity = std::string("similarity => '") +
                                   kSimilarityNames[static_cast<std::size_t>(of(options).similarity)] + "'";
    if (options.of_users && (is_rp3beta(options) || of(options).similarity == Similarity::adjusted_cosine))
        does_not_fit(similarity, "based_on => 'user'",
                     "It compares items; use cosine, pearson, jaccard or cooccurrence.");
}

core::KnnOptions parse_options(const Arguments& arguments, const TrainingRequest& request) {
    core::KnnOptions options;
    options.feedback = request.feedback;
    options.weighting = request.weighting;
    options.positive_from = request.positive_from;
    options.of_users = choice<BasedOn>(arguments, kKnnBasedOn, "based_on", kBasedOnNames) == BasedOn::user;
    auto& neighbours = options.method.emplace<core::knn::Options>();
    neighbours.similarity = choice<Similarity>(arguments, kKnnSimilarity, "similarity", kSimilarityNames);
    neighbours.neighbours = arguments.integer(kKnnNeighbors, "neighbors", 1, kMaxNeighbors);
    neighbours.shrinkage = arguments.optional_real(kKnnShrinkage, "shrinkage", 0, kMaxShrinkage)
                               .value_or(of_common_raters(options) ? kDefaultShrinkage : 0);
    neighbours.user_weighting =
        choice<UserWeighting>(arguments, kKnnUserWeighting, "user_weighting", kUserWeightingNames);
    neighbours.alpha =
        arguments.optional_real(kKnnAlpha, "alpha", 0, kMaxExponent).value_or(neighbours.alpha);
    neighbours.beta = arguments.optional_real(kKnnBeta, "beta", 0, kMaxExponent).value_or(neighbours.beta);
    neighbours.threads = settings::threads();
    options.most_postings = arguments.is_null(kKnnSearchLimit)
                                ? kDefaultSearchLimit
                                : arguments.integer(kKnnSearchLimit, "search_limit", 0, INT_MAX);
    check_combination(arguments, options);
    return options;
}

std::string own_options_json(const core::KnnOptions& options) {
    const core::knn::Options& neighbours = of(options);
    std::string json =
        R"("based_on": )" + json_name(kBasedOnNames, options.of_users ? BasedOn::user : BasedOn::item) +
        R"(, "similarity": )" + json_name(kSimilarityNames, neighbours.similarity) + R"(, "neighbors": )" +
        std::to_string(neighbours.neighbours) + R"(, "shrinkage": )" + json_number(neighbours.shrinkage);
    if (is_rp3beta(options))
        return json + R"(, "alpha": )" + json_number(neighbours.alpha) + R"(, "beta": )" +
               json_number(neighbours.beta);
    if (options.of_users) json += R"(, "search_limit": )" + std::to_string(options.most_postings);
    return json + R"(, "user_weighting": )" + json_name(kUserWeightingNames, neighbours.user_weighting);
}

class FittedNeighbours : public FittedModel {
  public:
    FittedNeighbours(core::Ratings ratings, core::KnnModel model, std::string algorithm, std::string options)
        : FittedModel(std::move(ratings)),
          model_(std::move(model)),
          algorithm_(std::move(algorithm)),
          options_(std::move(options)) {}
    core::ModelParts parts() const override { return model_.parts(ratings()); }
    std::string algorithm() const override { return algorithm_; }
    std::string options_json(const TrainingRequest& request) const override {
        return feedback_json(request) + options_ + reading_json(request);
    }

  private:
    const core::KnnModel model_;
    const std::string algorithm_, options_;
};

}  // namespace

KnnRequest parse_knn_request(const Arguments& arguments) {
    KnnRequest request{parse_training_request(arguments, kKnnTail), {}};
    request.options = parse_options(arguments, request);
    return request;
}

std::unique_ptr<FittedModel> fit_neighbours(core::Ratings ratings, const core::KnnOptions& options,
                                            std::string algorithm, std::string own_options,
                                            RatingsWork& work) {
    work.enter(Phase::training);
    const core::FeedbackRule rule =
        core::fit_and_encode(ratings, options.feedback, options.weighting, options.positive_from);
    core::KnnModel model = core::train_knn(ratings, rule, options, work.budget(), work.host());
    return std::make_unique<FittedNeighbours>(std::move(ratings), std::move(model), std::move(algorithm),
                                              std::move(own_options));
}

std::unique_ptr<FittedModel> fit_model(core::Ratings ratings, const KnnRequest& request, RatingsWork& work) {
    return fit_neighbours(std::move(ratings), request.options,
                          request.options.of_users ? "knn_user" : "knn_item",
                          own_options_json(request.options), work);
}

}  // namespace personalize::pg
