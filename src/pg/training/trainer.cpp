#include "pg/training/trainer.hpp"

#include "core/runtime/memory_claim.hpp"
#include "pg/training/content_trainer.hpp"
#include "pg/training/ease_trainer.hpp"
#include "pg/training/knn_trainer.hpp"
#include "pg/training/mf_trainer.hpp"
#include "pg/training/trainer_call.hpp"

namespace personalize::pg {

namespace {

// Options of a trainer that say what to do with the model, or how to split: not those of the training.
const std::vector<const char*> kReserved = {"model",      "fold_in", "holdout", "split",
                                            "split_from", "k",       "refit"};

struct NamedTrainer {
    const char* name;
    int arguments;
    std::unique_ptr<Trainer> (*make)(const Arguments& arguments);
};
template <auto parse>
std::unique_ptr<Trainer> make(const Arguments& arguments) {
    return std::make_unique<TrainerOf<decltype(parse(arguments))>>(parse(arguments));
}

constexpr NamedTrainer kTrainers[] = {
    {"train_mf", kMfArguments, make<parse_mf_request>},
    {"train_knn", kKnnArguments, make<parse_knn_request>},
    {"train_ease", kEaseArguments, make<parse_ease_request>},
    {"train_content", kContentArguments, make<parse_content_request>},
};

}  // namespace

core::Evaluation Trainer::evaluate(core::Ratings train, const core::Ratings& test,
                                   const core::EvaluationOptions& options, RatingsWork& work) const {
    const core::ScratchClaims scratch(work.budget());
    const auto fitted = fit(std::move(train), work);
    return work.evaluate(fitted->parts(), test, options);
}

std::unique_ptr<Trainer> make_trainer(const std::string& name, Oid schema, Oid relation, Datum options) {
    std::vector<const char*> names;
    for (const NamedTrainer& trainer : kTrainers) names.push_back(trainer.name);
    const NamedTrainer& trainer = kTrainers[one_of(name, "trainer", names)];
    return trainer.make(
        TrainerCall(schema, trainer.name, trainer.arguments, relation, options, kReserved).arguments());
}

}  // namespace personalize::pg
