// train_kmeans: segments of a relation's rows by k-means, kept as a model.
#include "pg/bridge/json.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/segments/segment_training.hpp"

namespace personalize::pg {

namespace {

enum Argument {
    kData,
    kFeatures,
    kK,
    kModel,
    kScale,
    kMissing,
    kKeyColumn,
    kMinK,
    kMaxK,
    kRestarts,
    kMaxIterations,
    kTolerance,
    kSeed
};

core::KMeansTraining parse_kmeans(const Arguments& arguments) {
    constexpr int kMost = core::kmeans::kMaxSegments, kMostRestarts = 1000, kMostIterations = 100000;
    core::KMeansTraining request;
    request.options.k = arguments.optional_integer(kK, "k", 1, kMost).value_or(0);
    request.min_k = arguments.integer(kMinK, "min_k", 2, kMost);
    request.max_k = arguments.integer(kMaxK, "max_k", 2, kMost);
    if (request.min_k > request.max_k)
        throw SqlError(
            ERRCODE_INVALID_PARAMETER_VALUE,
            "min_k is " + std::to_string(request.min_k) + ", above max_k " + std::to_string(request.max_k),
            "Give a range from min_k to max_k, or k.");
    request.options.restarts =
        arguments.optional_integer(kRestarts, "restarts", 1, kMostRestarts).value_or(0);
    request.options.max_iterations = arguments.integer(kMaxIterations, "max_iterations", 1, kMostIterations);
    request.options.tolerance = arguments.double_precision(kTolerance, "tolerance", 0, 1);
    request.options.seed = static_cast<std::uint64_t>(arguments.seed(kSeed));
    request.options.threads = settings::threads();
    return request;
}

std::string options_json(const core::KMeansTraining& request, const core::SegmentModel& model) {
    const auto& options = request.options;
    const int k = options.k > 0 ? options.k : model.segments();
    const int restarts = options.restarts > 0 ? options.restarts : core::kmeans::default_restarts(model.rows);
    std::string json = R"("k": )" + std::to_string(k);
    if (options.k == 0)
        json += R"(, "min_k": )" + std::to_string(request.min_k) + R"(, "max_k": )" +
                std::to_string(request.max_k);
    return json + R"(, "restarts": )" + std::to_string(restarts) + R"(, "max_iterations": )" +
           std::to_string(options.max_iterations) + R"(, "tolerance": )" + json_number(options.tolerance) +
           R"(, "seed": )" + std::to_string(static_cast<std::int64_t>(options.seed));
}

void notice_fewer(int k, int segments) {
    if (segments >= k) return;
    call([k, segments] {
        ereport(NOTICE, errmsg("there are %d segments in place of %d", segments, k),
                errdetail("No more rows differ from one another."));
    });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(train_kmeans) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    const Arguments arguments(fcinfo);
    auto request = parse_kmeans(arguments);
    SegmentWork work = segment_work(arguments, kModel, kScale, kKeyColumn, request.scaling);
    const auto training =
        personalize::core::train_kmeans_model(work.read(), request, work.budget(), work.host());
    notice_fewer(request.options.k, training.model.segments());
    return work.save(fcinfo, training, options_json(request, training.model));
}
