// train_dbscan: segments of a relation's rows by DBSCAN, kept as a model.
#include <limits>

#include "pg/bridge/json.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/segments/segment_training.hpp"

namespace personalize::pg {

namespace {

enum Argument { kData, kFeatures, kEps, kMinPoints, kModel, kScale, kMissing, kKeyColumn };

core::DbscanTraining parse_dbscan(const Arguments& arguments) {
    core::DbscanTraining request;
    request.eps = arguments.optional_double(kEps, "eps", core::dbscan::kLeastEps, core::dbscan::kLargest);
    request.min_points = arguments.integer(kMinPoints, "min_points", 1, std::numeric_limits<int>::max());
    request.threads = settings::threads();
    return request;
}

void notice_eps(double eps) {
    const std::string digits = json_number(eps);
    call([digits = digits.c_str()] {
        ereport(NOTICE, errmsg("eps is %s, where the distances to neighbours bend", digits),
                errhint("segment_neighbors() shows their curve."));
    });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(train_dbscan) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    const Arguments arguments(fcinfo);
    auto request = parse_dbscan(arguments);
    SegmentWork work = segment_work(arguments, kModel, kScale, kKeyColumn, request.scaling);
    const auto training =
        personalize::core::train_dbscan_model(work.read(), request, work.budget(), work.host());
    if (!request.eps) notice_eps(training.model.eps);
    return work.save(fcinfo, training,
                     R"("eps": )" + json_number(training.model.eps) + R"(, "min_points": )" +
                         std::to_string(request.min_points));
}
