// zscore, min_max, robust_scale, fill_missing: window functions over whole partitions. What is known of a
// partition is computed at its first row; each row then only reads its own value.
#include "core/prepare/scaling.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "core/prepare/quantiles.hpp"
#include "core/runtime/memory_claim.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/bridge/window.hpp"

namespace personalize::pg {

namespace {

[[noreturn]] void refuse_infinite(double x) {
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE,
                   std::string("x is ") + (x > 0 ? "Infinity" : "-Infinity") + " in a row of the partition",
                   "Values must be finite: leave such rows out, or replace the value, for example by NULL.");
}

// NaN stands for NULL, too.
bool is_missing(double x) {
    if (std::isinf(x)) refuse_infinite(x);
    return std::isnan(x);
}

// The value in the current row.
double current_value(WindowObject window) {
    return call([window] {
        bool is_null;
        const Datum value = WinGetFuncArgCurrent(window, 0, &is_null);
        return is_null ? std::numeric_limits<double>::quiet_NaN() : DatumGetFloat8(value);
    });
}

// Values of the partition's rows from `first` on; what the argument allocates is freed at the end.
void read_values(WindowObject window, std::int64_t first, std::span<double> values) {
    call([window, first, values] {
        const MemoryContext batch =
            AllocSetContextCreate(CurrentMemoryContext, "personalize rows", ALLOCSET_DEFAULT_SIZES);
        const MemoryContext before = MemoryContextSwitchTo(batch);
        for (std::size_t k = 0; k < values.size(); k++) {
            bool is_null, is_out;
            const Datum value =
                WinGetFuncArgInPartition(window, 0, static_cast<int>(first + static_cast<std::int64_t>(k)),
                                         WINDOW_SEEK_HEAD, false, &is_null, &is_out);
            values[k] = is_null ? std::numeric_limits<double>::quiet_NaN() : DatumGetFloat8(value);
        }
        MemoryContextSwitchTo(before);
        MemoryContextDelete(batch);
    });
}

// Hands the values of the partition that are there to `take`.
template <typename Take>
void for_each_value(WindowObject window, Take take) {
    double values[4096];
    const std::int64_t rows = partition_rows(window);
    for (std::int64_t first = 0; first < rows; first += std::ssize(values)) {
        checkpoint();
        const std::span batch(values, static_cast<std::size_t>(std::min(std::ssize(values), rows - first)));
        read_values(window, first, batch);
        for (const double x : batch)
            if (!is_missing(x)) take(x);
    }
}

core::Moments moments_of(WindowObject window) {
    core::Moments moments;
    for_each_value(window, [&](double x) { moments.add(x); });
    return moments;
}

// All values that are there, for quantiles: 8 bytes a row, claimed while it lives.
class PartitionValues {
  public:
    explicit PartitionValues(WindowObject window)
        : budget_(settings::max_memory()), claim_(&budget_, "the values of a partition") {
        const auto rows = static_cast<std::size_t>(partition_rows(window));
        if (rows >= kManyRows) at_end_.emplace();
        core::grow(values_, rows, claim_);
        for_each_value(window, [this](double x) { values_.push_back(x); });
    }
    std::span<double> values() noexcept { return values_; }

  private:
    static constexpr std::size_t kManyRows = 100000;  // giving memory back takes as long as reading some rows

    std::optional<ReturnsUnusedMemory> at_end_;
    core::MemoryBudget budget_;
    core::MemoryClaim claim_;
    std::vector<double> values_;
};

core::Scaling standard_scaling_of(WindowObject window) { return core::standard_scaling(moments_of(window)); }
core::Scaling min_max_scaling_of(WindowObject window) { return core::min_max_scaling(moments_of(window)); }

core::Scaling robust_scaling_of(WindowObject window) {
    PartitionValues partition(window);
    PgHost host;
    if (partition.values().empty()) return {};
    return core::robust_scaling(partition.values(), host);
}

// In the partition's memory, which starts as zeros and is aligned for double at most: so it is copied.
template <typename State>
State load(const void* memory) {
    State state;
    std::memcpy(&state, memory, sizeof state);
    return state;
}

struct ScalingState {
    bool known;
    core::Scaling scaling;
};

Datum scale(FunctionCallInfo fcinfo, core::Scaling (*scaling_of)(WindowObject)) {
    const WindowObject window = window_of(fcinfo);
    void* memory = call([window] { return WinGetPartitionLocalMemory(window, sizeof(ScalingState)); });
    auto state = load<ScalingState>(memory);
    if (!state.known) {
        state = {true, scaling_of(window)};
        std::memcpy(memory, &state, sizeof state);
    }
    const double x = current_value(window);
    if (is_missing(x)) PG_RETURN_NULL();
    PG_RETURN_FLOAT8(state.scaling(x));
}

enum Method { kMean, kMedian, kZero };
const std::vector<const char*> kMethodNames = {"mean", "median", "zero"};

struct Filling {
    bool known;
    bool has_value;  // false: all values are missing
    double value;
};

Filling filling_of(WindowObject window, Method method) {
    if (method == kMean) {
        const core::Moments moments = moments_of(window);
        return {true, moments.count() > 0, static_cast<double>(moments.mean())};
    }
    if (method == kZero) return {true, true, 0};
    PartitionValues partition(window);
    if (partition.values().empty()) return {true, false, 0};
    PgHost host;
    constexpr double kHalf[] = {0.5};
    return {true, true, core::quantiles(partition.values(), kHalf, host)[0]};
}

Method method_argument(WindowObject window) {
    const auto method = call([window] {
        bool is_null;
        const Datum value = WinGetFuncArgCurrent(window, 1, &is_null);
        return is_null ? std::optional<Datum>() : std::optional<Datum>(value);
    });
    if (!method) throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED, "method must not be NULL");
    return static_cast<Method>(one_of(text_value(*method), "method", kMethodNames));
}

}  // namespace

}  // namespace personalize::pg

using namespace personalize::pg;

PERSONALIZE_FUNCTION(zscore) { return scale(fcinfo, standard_scaling_of); }
PERSONALIZE_FUNCTION(min_max) { return scale(fcinfo, min_max_scaling_of); }
PERSONALIZE_FUNCTION(robust_scale) { return scale(fcinfo, robust_scaling_of); }

// The method may differ between rows: each is looked up when it is first asked for.
PERSONALIZE_FUNCTION(fill_missing) {
    const WindowObject window = window_of(fcinfo);
    auto* fillings = static_cast<Filling*>(
        call([window] { return WinGetPartitionLocalMemory(window, sizeof(Filling) * 3); }));
    Filling& filling = fillings[method_argument(window)];
    if (!filling.known) filling = filling_of(window, static_cast<Method>(&filling - fillings));
    const double x = current_value(window);
    if (!is_missing(x)) PG_RETURN_FLOAT8(x);
    if (!filling.has_value) PG_RETURN_NULL();
    PG_RETURN_FLOAT8(filling.value);
}
