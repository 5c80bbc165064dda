#include "pg/segments/partition_segments.hpp"

#include <optional>
#include <vector>

#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"

namespace personalize::pg {

namespace {

constexpr std::int64_t kManyRows = 10000;  // giving memory back takes as long as dividing some rows
const std::vector<const char*> kScaleNames = {"none", "zscore", "minmax", "robust"};  // as the enumeration

// In the partition's memory, which starts as zeros: `known`, then a number for each row, 0 for none.
struct Known {
    std::int32_t known;
    std::int32_t segment[FLEXIBLE_ARRAY_MEMBER];
};

void divide_partition(FunctionCallInfo fcinfo, WindowObject window, Known* known, DividePartition divide) {
    std::vector<NullableDatum> values(static_cast<std::size_t>(fcinfo->nargs));
    for (int k = 1; k < fcinfo->nargs; k++) values[k] = current_argument(window, k);
    const Arguments arguments(values.data(), fcinfo->nargs);
    std::optional<ReturnsUnusedMemory> at_end;
    core::MemoryBudget budget(settings::max_memory());
    core::MemoryClaim claim(&budget, "the features of a partition");
    auto features = sources::read_partition_features(window, claim);
    if (features.partition_rows >= kManyRows) at_end.emplace();
    const auto segments = divide(features, arguments, claim);
    for (std::int64_t r = 0; r < features.rows(); r++)
        known->segment[features.place[r]] = std::max(segments[r], -1) + 1;
    known->known = 1;
}

}  // namespace

Datum segment_in_partition(FunctionCallInfo fcinfo, DividePartition divide) {
    const WindowObject window = window_of(fcinfo);
    const std::size_t size =
        offsetof(Known, segment) + sizeof(std::int32_t) * static_cast<std::size_t>(partition_rows(window));
    auto* const known =
        static_cast<Known*>(call([window, size] { return WinGetPartitionLocalMemory(window, size); }));
    if (known->known == 0) divide_partition(fcinfo, window, known, divide);
    const std::int64_t row = call([window] { return WinGetCurrentPosition(window); });
    if (known->segment[row] == 0) PG_RETURN_NULL();
    PG_RETURN_INT32(known->segment[row]);
}

core::FeatureScaling scale_argument(const Arguments& arguments, int position) {
    return static_cast<core::FeatureScaling>(one_of(arguments.text(position, "scale"), "scale", kScaleNames));
}

const char* scale_name(core::FeatureScaling scaling) noexcept {
    return kScaleNames[static_cast<std::size_t>(scaling)];
}

}  // namespace personalize::pg
