#include "core/ratings/ratings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/ratings/merge_duplicates.hpp"
#include "core/ratings/transpose.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/memory_claim.hpp"
#include "core/runtime/poll_counter.hpp"
#include "core/runtime/side_thread.hpp"

namespace personalize::core {

namespace {

constexpr std::size_t kFirstChunkRows = std::size_t{1} << 13, kMaxChunkRows = std::size_t{1} << 18;
constexpr double kEarliest = -std::numeric_limits<double>::infinity();

struct Row {
    std::uint32_t user, item;  // codes
    float rating;
};
static_assert(sizeof(Row) == 12);

// Rows never move while they are collected: a full chunk is followed by a new one.
struct Chunk {
    Chunk(std::size_t rows_capacity, bool with_time)
        : capacity(rows_capacity), rows(capacity), times(with_time ? capacity : 0) {}

    static std::size_t memory(std::size_t capacity, bool with_time) {
        return capacity * (sizeof(Row) + (with_time ? sizeof(double) : 0));
    }
    void free() {
        rows = {};
        times = {};
    }

    std::size_t size = 0, capacity;
    BulkVector<Row> rows;
    BulkVector<double> times;  // empty without times
};

// Rows with integer ids that wait for their codes: many are looked up at a time, so that the waits for memory
// of one overlap with those of the next, and on another thread than they are read on.
struct Batch {
    static constexpr std::size_t kRows = 1024;
    bool full() const { return size == kRows; }
    void add(std::int64_t user, std::int64_t item, float rating, double time) {
        users[size] = user;
        items[size] = item;
        ratings[size] = rating;
        times[size++] = time;
    }

    std::size_t size = 0;
    std::array<std::int64_t, kRows> users, items;
    std::array<float, kRows> ratings;
    std::array<double, kRows> times;
};

// The index of each code.
struct Indexes {
    std::vector<std::int32_t> users, items;
    std::size_t memory() const { return (users.size() + items.size()) * sizeof(std::int32_t); }
};

// All rows by item; those of one item in the order in which they were added.
struct ByItem {
    SparseMatrix matrix;
    BulkVector<double> times;  // empty without times
};

[[noreturn]] void refuse_rating(const Id& user, const Id& item, float rating) {
    const char* value = std::isnan(rating) ? "NaN" : rating > 0 ? "Infinity" : "-Infinity";
    throw InvalidInput(
        "the rating of user " + to_string(user) + " for item " + to_string(item) + " is " + value,
        "Ratings must be finite: leave such rows out, or replace the value.");
}

// Gives back what merging left unused, where it is a good part of all.
template <class T>
void trim(BulkVector<T>& elements, MemoryClaim& claim) {
    const std::size_t before = elements.capacity(), after = elements.size();
    if (before - after <= before / 8) return;
    claim.add(after * sizeof(T));
    elements.shrink_to_fit();
    claim.remove(before * sizeof(T));
}

}  // namespace

struct RatingsBuilder::Rows {
    Rows(IdType user_type, IdType item_type, bool times, MemoryBudget& budget, int thread_count)
        : users(user_type, &budget),
          items(item_type, &budget),
          with_time(times),
          threads(thread_count),
          claim(&budget, "the ratings") {
        if (threads > 1 && integer_ids()) side_thread.emplace();
    }

    bool integer_ids() const { return users.type() == IdType::integer && items.type() == IdType::integer; }
    void append(const Row& row, double time);
    void append(const Batch& batch);
    void pass_on_batch();
    void add_chunk();
    Indexes finish_ids(Ratings& result, Host& host);
    template <class Visit, class Done>
    void for_each_row(std::int64_t segment, std::int64_t segments, const Visit& visit, const Done& done);
    ByItem sort_by_item(const Indexes& index, std::int64_t items_count, Host& host);
    void sort(Ratings& result, Host& host);
    void settle_claims(Ratings& result, bool keep_times);
    std::size_t times_memory() const { return with_time ? count * sizeof(double) : 0; }

    IdDictionary users, items;
    const bool with_time;
    const int threads;
    MemoryClaim claim;
    std::vector<Chunk> chunks;
    std::size_t count = 0;  // in chunks
    std::shared_ptr<Batch> batch = std::make_shared_for_overwrite<Batch>();
    std::optional<SideThread> side_thread;  // the last member: it works on the others
};

void RatingsBuilder::Rows::append(const Batch& rows) {
    std::array<std::uint32_t, Batch::kRows> user_codes, item_codes;
    for (std::size_t k = 0; k < rows.size; k++) user_codes[k] = users.code(Id::of(rows.users[k]));
    for (std::size_t k = 0; k < rows.size; k++) item_codes[k] = items.code(Id::of(rows.items[k]));
    for (std::size_t k = 0; k < rows.size; k++)
        append({user_codes[k], item_codes[k], rows.ratings[k]}, rows.times[k]);
}

void RatingsBuilder::Rows::pass_on_batch() {
    if (side_thread) {
        side_thread->give(
            [this, full = std::exchange(batch, std::make_shared_for_overwrite<Batch>())] { append(*full); });
    } else {
        append(*batch);
        batch->size = 0;
    }
}

void RatingsBuilder::Rows::append(const Row& row, double time) {
    if (chunks.empty() || chunks.back().size == chunks.back().capacity) add_chunk();
    Chunk& chunk = chunks.back();
    chunk.rows[chunk.size] = row;
    if (with_time) chunk.times[chunk.size] = std::isnan(time) ? kEarliest : time;
    chunk.size++;
    count++;
}

void RatingsBuilder::Rows::add_chunk() {
    const std::size_t capacity = std::clamp(count, kFirstChunkRows, kMaxChunkRows);
    claim.add(Chunk::memory(capacity, with_time));
    chunks.emplace_back(capacity, with_time);
}

Indexes RatingsBuilder::Rows::finish_ids(Ratings& result, Host& host) {
    Indexes index;
    result.users = users.finish(index.users, host);
    result.items = items.finish(index.items, host);
    claim.take_over(index.memory());
    return index;
}

// Calls visit(row, its time) for all rows of a segment, and then done(chunk) for each chunk.
template <class Visit, class Done>
void RatingsBuilder::Rows::for_each_row(std::int64_t segment, std::int64_t segments, const Visit& visit,
                                        const Done& done) {
    const auto first = [&](std::int64_t s) { return std::ssize(chunks) * s / segments; };
    for (std::int64_t c = first(segment); c < first(segment + 1); c++) {
        Chunk& chunk = chunks[c];
        for (std::size_t k = 0; k < chunk.size; k++) {
            visit(chunk.rows[k], chunk.times.empty() ? 0 : chunk.times[k]);
            if (k % kEntriesPerStopPoint == 0) stop_point();
        }
        done(chunk);
    }
}

// Frees each chunk as soon as its rows are in their places.
ByItem RatingsBuilder::Rows::sort_by_item(const Indexes& index, std::int64_t items_count, Host& host) {
    const std::int64_t entries = static_cast<std::int64_t>(count);
    const std::int64_t segments = CountingSort::segments(entries, items_count);
    claim.add(sparse_matrix_memory(items_count, entries) + times_memory());
    claim.add(CountingSort::memory(segments, items_count));
    CountingSort sort(segments, items_count, threads, host);
    ByItem result;
    result.matrix.columns_count = std::ssize(index.users);
    result.matrix.start = sort.count([&](std::int64_t segment, const auto& take) {
        for_each_row(
            segment, segments, [&](const Row& row, double) { take(index.items[row.item]); }, [](Chunk&) {});
    });
    result.matrix.columns.resize(count);
    result.matrix.values.resize(count);
    if (with_time) result.times.resize(count);
    sort.place([&](std::int64_t segment, const auto& place) {
        for_each_row(
            segment, segments,
            [&](const Row& row, double time) {
                const std::int64_t to = place(index.items[row.item]);
                result.matrix.columns[to] = index.users[row.user];
                result.matrix.values[to] = row.rating;
                if (with_time) result.times[to] = time;
            },
            [](Chunk& chunk) { chunk.free(); });
    });
    for (const Chunk& chunk : chunks) claim.remove(Chunk::memory(chunk.capacity, with_time));
    chunks.clear();
    claim.remove(CountingSort::memory(segments, items_count));
    return result;
}

// Fills the matrix with all rows, those of the same user and item side by side, and their times.
void RatingsBuilder::Rows::sort(Ratings& result, Host& host) {
    Indexes index = finish_ids(result, host);
    const ByItem by_item = sort_by_item(index, result.items.size(), host);
    claim.remove(index.memory());
    index = {};

    claim.add(sparse_matrix_memory(result.users.size(), static_cast<std::int64_t>(count)) + times_memory());
    claim.add(transpose_memory(by_item.matrix));
    if (with_time) {
        result.times.resize(count);
        result.by_user = transpose(by_item.matrix, threads, host, [&](std::int64_t to, std::int64_t from) {
            result.times[to] = by_item.times[from];
        });
    } else {
        result.by_user = transpose(by_item.matrix, threads, host);
    }
    claim.remove(transpose_memory(by_item.matrix) + times_memory() +
                 sparse_matrix_memory(result.items.size(), static_cast<std::int64_t>(count)));
}

// The matrix, its transpose to come and times that are kept stay claimed for the caller.
void RatingsBuilder::Rows::settle_claims(Ratings& result, bool keep_times) {
    SparseMatrix& matrix = result.by_user;
    if (keep_times) {
        trim(result.times, claim);
    } else {
        result.times = {};
        claim.remove(times_memory());
    }
    trim(matrix.columns, claim);
    trim(matrix.values, claim);
    claim.add(sparse_matrix_memory(matrix.columns_count, matrix.nonzeros()));
    claim.hand_over(claim.bytes());
    count = 0;
}

RatingsBuilder::RatingsBuilder(IdType user_type, IdType item_type, bool with_time, MemoryBudget& budget,
                               int threads)
    : rows_(std::make_unique<Rows>(user_type, item_type, with_time, budget, threads)) {}

RatingsBuilder::~RatingsBuilder() = default;

void RatingsBuilder::add(const Id& user, const Id& item, float rating, double time) {
    if (!std::isfinite(rating)) refuse_rating(user, item, rating);
    rating += 0.0f;  // turns -0 into 0: equal ratings are then equal bits, whichever of them is kept
    added_++;
    if (!rows_->integer_ids()) {
        rows_->append({rows_->users.code(user), rows_->items.code(item), rating}, time);
        return;
    }
    rows_->batch->add(user.integer, item.integer, rating, time);
    if (rows_->batch->full()) rows_->pass_on_batch();
}

Ratings RatingsBuilder::finish(OnDuplicate on_duplicate, Host& host, bool keep_times) {
    Ratings result;
    rows_->pass_on_batch();
    if (rows_->side_thread) rows_->side_thread->finish();
    rows_->side_thread.reset();
    rows_->sort(result, host);
    result.merged = merge_duplicates(on_duplicate, result, host);
    rows_->settle_claims(result, keep_times);
    return result;
}

}  // namespace personalize::core
