#include "pg/bridge/progress.hpp"

#include "pg/bridge/write_rows.hpp"

namespace personalize::pg {

namespace {

constexpr int kSlots = 64;
constexpr int kNameBytes = 64;

struct Slot {
    int pid;  // 0: free
    Oid database, role;
    char model[kNameBytes];
    char phase[16];
    int iteration, iterations;
    double loss;  // of `iteration`, if that is > 0
    std::int64_t rows_read;
    TimestampTz started;
};

struct Board {
    slock_t mutex;
    Slot slots[kSlots];
};

// Count up when Board changes: a server may hold the board of a library that was replaced meanwhile.
constexpr const char* kBoardName = "personalize progress 1";

void clear(Board* board) {
    memset(static_cast<void*>(board), 0, sizeof(Board));
    SpinLockInit(&board->mutex);
}

// Shared memory without a preload: from the slack of the main segment, or from 17 on by name.
Board* attach() {
    bool found = false;
#if PG_VERSION_NUM >= 170000
    return static_cast<Board*>(GetNamedDSMSegment(
        kBoardName, sizeof(Board), [](void* board) { clear(static_cast<Board*>(board)); }, &found));
#else
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    auto* board = static_cast<Board*>(ShmemInitStruct(kBoardName, sizeof(Board), &found));
    if (!found) clear(board);
    LWLockRelease(AddinShmemInitLock);
    return board;
#endif
}

Board* attached = nullptr;

Board* board() {
    if (attached == nullptr) attached = call([] { return attach(); });
    return attached;
}

template <typename Change>
void change_slot(int slot, Change change) noexcept {
    if (slot < 0) return;
    SpinLockAcquire(&attached->mutex);
    change(attached->slots[slot]);
    SpinLockRelease(&attached->mutex);
}

}  // namespace

ProgressSlot::ProgressSlot(const std::string& model) : slot_(-1) {
    Board* b = board();
    Slot mine = {};
    mine.pid = MyProcPid;
    mine.database = MyDatabaseId;
    mine.role = GetUserId();
    const int length = pg_mbcliplen(model.data(), static_cast<int>(model.size()), kNameBytes - 1);
    memcpy(mine.model, model.data(), length);
    strlcpy(mine.phase, "starting", sizeof mine.phase);
    mine.started = GetCurrentTimestamp();

    SpinLockAcquire(&b->mutex);
    for (int k = 0; k < kSlots && slot_ < 0; k++)
        if (b->slots[k].pid == 0) b->slots[slot_ = k] = mine;
    SpinLockRelease(&b->mutex);
}

ProgressSlot::~ProgressSlot() {
    change_slot(slot_, [](Slot& slot) { slot.pid = 0; });
}

void ProgressSlot::phase(const char* name) noexcept {
    change_slot(slot_, [name](Slot& slot) { strlcpy(slot.phase, name, sizeof slot.phase); });
}

void ProgressSlot::rows_read(std::int64_t rows) noexcept {
    change_slot(slot_, [rows](Slot& slot) { slot.rows_read = rows; });
}

void ProgressSlot::iteration_done(int iteration, int iterations, double loss) noexcept {
    change_slot(slot_, [=](Slot& slot) {
        slot.iteration = iteration;
        slot.iterations = iterations;
        slot.loss = loss;
    });
}

void ProgressSlot::release_all() noexcept {
    if (attached == nullptr) return;
    SpinLockAcquire(&attached->mutex);
    for (Slot& slot : attached->slots)
        if (slot.pid == MyProcPid) slot.pid = 0;
    SpinLockRelease(&attached->mutex);
}

namespace {

// As in pg_stat_activity: one's own, or everyone's for pg_read_all_stats; of this database only.
bool visible(const Slot& slot) {
    if (slot.pid == 0 || slot.database != MyDatabaseId) return false;
    return has_privs_of_role(GetUserId(), slot.role) ||
           has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
}

void fill(const Slot& slot, Datum* values, bool* nulls) {
    values[0] = Int32GetDatum(slot.pid);
    values[1] = CStringGetTextDatum(slot.model);
    values[2] = CStringGetTextDatum(slot.phase);
    values[3] = Int32GetDatum(slot.iteration);
    values[4] = Int32GetDatum(slot.iterations);
    values[5] = Float8GetDatum(slot.loss);
    values[6] = Int64GetDatum(slot.rows_read);
    values[7] = TimestampTzGetDatum(slot.started);
    nulls[3] = nulls[4] = slot.iterations == 0;
    nulls[5] = slot.iteration == 0;
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(training_progress) {
    using namespace personalize::pg;
    ResultRows rows(fcinfo);
    Board* b = board();
    Slot now[kSlots];
    SpinLockAcquire(&b->mutex);
    memcpy(now, b->slots, sizeof now);
    SpinLockRelease(&b->mutex);

    Slot mine[kSlots];
    int count = 0;
    for (const Slot& slot : now)
        if (call([&slot] { return visible(slot); })) mine[count++] = slot;
    rows.put(count,
             [shown = mine](std::int64_t k, Datum* values, bool* nulls) { fill(shown[k], values, nulls); });
    return 0;
}
