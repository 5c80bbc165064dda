#include "pg/training/hybrid_training.hpp"

#include <algorithm>
#include <climits>
#include <cmath>
#include <numeric>

#include "core/evaluation/blend_weights.hpp"
#include "core/model/hybrid_model.hpp"
#include "core/runtime/memory_claim.hpp"
#include "pg/bridge/arrays.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/model_store/loaded_model.hpp"
#include "pg/sources/source_relation.hpp"
#include "pg/training/test_ratings.hpp"

namespace personalize::pg {

namespace {

enum Argument { kComponents, kWeights, kModel, kTest, kListLength, kSeed };

// Enough to tell weights apart that differ by a tenth.
constexpr std::int64_t kTestUsers = 5000;
constexpr float kLeastWeight = 1e-6f, kMostWeight = 1e6f;

using Components = std::vector<std::shared_ptr<LoadedModel>>;

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, message, hint);
}

ArrayType* array_without_nulls(const Arguments& arguments, int position, const char* name) {
    ArrayType* array = one_dimensional(arguments.required(position, name), name);
    if (const int null = first_null(array))
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                       std::string(name) + " has a NULL at place " + std::to_string(null),
                       "Leave it out of the array.");
    return array;
}

std::vector<std::string> names_of(const Arguments& arguments) {
    ArrayType* array = array_without_nulls(arguments, kComponents, "components");
    std::vector<std::string> names;
    const int count = length(array);
    Datum* values = call([array] {
        Datum* elements;
        int found;
        deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, nullptr, &found);
        return elements;
    });
    for (int k = 0; k < count; k++) names.push_back(text_value(values[k]));
    return names;
}

void check_names(const HybridRequest& request) {
    const auto& names = request.components;
    if (names.size() < 2 || names.size() > static_cast<std::size_t>(core::kMostComponents))
        refuse("a hybrid of " + std::to_string(names.size()) + " components",
               "Name 2 to " + std::to_string(core::kMostComponents) + " models.");
    for (auto name = names.begin(); name != names.end(); ++name)
        if (std::find(names.begin(), name, *name) != name)
            refuse("component \"" + *name + "\" is named twice", "Name each model once.");
    if (std::find(names.begin(), names.end(), request.model) != names.end())
        refuse("model \"" + request.model + "\" cannot be a component of itself",
               "Name the hybrid with model => '...'.");
}

void check_weights(const HybridRequest& request) {
    if (request.weights.empty()) return;
    if (request.weights.size() != request.components.size())
        refuse(std::to_string(request.weights.size()) + " weights for " +
                   std::to_string(request.components.size()) + " components",
               "Give one weight for each component.");
    for (const float weight : request.weights)
        if (weight != 0 && !(weight >= kLeastWeight && weight <= kMostWeight))
            refuse("weight " + number_text(weight) + " is out of range",
                   "Give weights from " + json_number(kLeastWeight) + " to " + json_number(kMostWeight) +
                       ", or 0.");
    if (std::all_of(request.weights.begin(), request.weights.end(), [](float w) { return w == 0; }))
        refuse("all weights are 0", "Give at least one component a weight.");
    if (request.test)
        does_not_fit("test", "weights that are given", "Leave out one of them: test chooses the weights.");
}

bool same_rows(const Source& a, const Source& b) {
    return a.schema == b.schema && a.relation == b.relation && a.user_column == b.user_column &&
           a.item_column == b.item_column && a.rating_column == b.rating_column &&
           a.time_column == b.time_column && a.on_duplicate == b.on_duplicate;
}

// The hybrid is read as one model of its owner's: what a superuser would not run of another's is not made
// their own by it.
void check_component(const LoadedModel& first, const LoadedModel& model) {
    const std::string name = "model \"" + model.name() + "\"";
    if (model.parts().kind == core::ModelKind::hybrid)
        refuse(name + " is a hybrid itself", "Name its components in its place.");
    if (model.parts().users.type() != first.parts().users.type() ||
        model.parts().items.type() != first.parts().items.type())
        refuse("models \"" + first.name() + "\" and \"" + model.name() + "\" have ids of different types",
               "Blend models of the same users and items.");
    if (!same_rows(model.source(), first.source()))
        refuse("models \"" + first.name() + "\" and \"" + model.name() + "\" read different ratings",
               "Train them with the same relation, columns and on_duplicate, "
               "whose default is another for explicit feedback and with positive_from.");
    if (!call([owner = &model.row().owner] { return trusts(*owner); }))
        throw SqlError(ERRCODE_INSUFFICIENT_PRIVILEGE,
                       name + " belongs to \"" + NameStr(model.row().owner) + "\", who is no superuser",
                       "SET ROLE to its owner first.");
}

Components load_components(const HybridRequest& request) {
    Components components;
    for (const std::string& name : request.components) {
        components.push_back(load_model(name));
        check_component(*components.front(), *components.back());
    }
    return components;
}

core::BlendChoice choose(const HybridRequest& request, const Components& components,
                         const core::HybridModel& hybrid, std::size_t taken) {
    const core::ModelParts parts = hybrid.parts();
    core::EvaluationOptions options;
    options.k = request.k;
    if (parts.rule.has_positive_from) options.relevant_from = parts.rule.positive_from;
    options.most_users = kTestUsers;
    options.seed = request.seed;
    options.threads = settings::threads();
    const bool needs_ratings =
        options.relevant_from || parts.rule.feedback == core::Feedback::explicit_feedback;
    RatingsWork work(request.model, *request.test,
                     test_columns(components.front()->source(), {}, *request.test, needs_ratings), taken);
    require_same_ids(*components.front(), work.source());
    const core::Ratings test = work.read();
    work.enter(Phase::evaluating);
    core::MemoryClaim claim(&work.budget(), "the choice of weights");
    claim.add(core::choose_weights_memory(parts, test, options));
    return core::choose_weights(parts, test, options, work.host());
}

std::string options_json(const Components& components, const std::vector<float>& weights) {
    std::string json;
    for (std::size_t c = 0; c < components.size(); c++)
        json += (json.empty() ? "" : ", ") + (R"({"model": )" + json_string(components[c]->name())) +
                R"(, "version": )" + std::to_string(components[c]->row().version) + R"(, "weight": )" +
                json_number(weights[c]) + "}";
    return R"({"components": [)" + json + "]}";
}

std::string metrics_json(const Components& components, const core::BlendChoice& choice) {
    std::string json = R"({"weights_chosen_by": {"metric": ")" + std::string(choice.metric) +
                       R"(", "users": )" + std::to_string(choice.users) + R"(, "blend": )" +
                       json_number(choice.value) + R"(, "alone": {)";
    for (std::size_t c = 0; c < components.size(); c++)
        json +=
            (c > 0 ? ", " : "") + json_string(components[c]->name()) + ": " + json_number(choice.alone[c]);
    return json + "}}}";
}

std::int64_t seen_ratings(const core::ModelParts& parts) {
    std::int64_t count = 0;
    for (std::int64_t user = 0; user < parts.users.size(); user++)
        parts.seen.for_each(user, [&count](std::int32_t) { count++; });
    return count;
}

std::vector<core::TrainedModel> trained_models(const Components& components) {
    std::vector<core::TrainedModel> models;
    for (const auto& component : components) models.push_back({component->name(), component->image()});
    return models;
}

}  // namespace

HybridRequest parse_hybrid_request(const Arguments& arguments) {
    HybridRequest request;
    request.components = names_of(arguments);
    if (!arguments.is_null(kWeights)) {
        const auto weights = elements<float>(array_without_nulls(arguments, kWeights, "weights"));
        request.weights.assign(weights.begin(), weights.end());
        if (weights.empty()) refuse("weights is empty", "Give one weight for each component, or NULL.");
    }
    request.model = arguments.text(kModel, "model");
    check_model_name(request.model);
    if (!arguments.is_null(kTest)) request.test = arguments.relation(kTest, "test");
    request.k = arguments.integer(kListLength, "k", 1, INT_MAX);
    request.seed = static_cast<std::uint64_t>(arguments.seed(kSeed));
    check_names(request);
    check_weights(request);
    return request;
}

TrainingSummary train_hybrid(const HybridRequest& request) {
    forbid_where_read_only("training");
    claim_for_training(request.model);
    const Components components = load_components(request);
    PgHost host;
    core::MemoryBudget budget(settings::max_memory());
    PhaseClock clock;
    clock.enter(Phase::building);
    core::HybridModel hybrid(trained_models(components), budget, host);
    std::vector<float> weights = request.weights;
    TrainingSummary summary;
    NewVersion& saved = summary.saved;
    saved.metrics = "{}";
    if (request.test) {
        clock.enter(Phase::tuning);
        const core::BlendChoice choice = choose(request, components, hybrid, budget.used());
        weights = choice.weights;
        saved.metrics = metrics_json(components, choice);
    }
    if (weights.empty()) weights.assign(components.size(), 1.f / static_cast<float>(components.size()));
    hybrid.set_weights(weights);
    const core::ModelParts parts = hybrid.parts();
    clock.enter(Phase::writing);
    const core::ModelBytes image = make_image(parts, budget);
    saved.model = request.model;
    saved.algorithm = "hybrid";
    saved.source = components.front()->source();
    saved.source.fold_in = std::all_of(components.begin(), components.end(),
                                       [](const auto& component) { return component->source().fold_in; });
    saved.ratings = seen_ratings(parts);
    saved.options = options_json(components, weights);
    saved.train_seconds = clock.timings().total();
    summary.version = save_version(saved, parts, image);
    summary.users = parts.users.size();
    summary.items = parts.items.size();
    summary.timings = clock.timings();
    return summary;
}

}  // namespace personalize::pg
