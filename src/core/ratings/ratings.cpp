#include "core/ratings/ratings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/ratings/merge_duplicates.hpp"
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
    std::size_t memory() const { return memory(capacity, !times.empty()); }

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

// Where each user's and item's entries start.
struct Starts {
    std::vector<std::int64_t> users, items;
};

// All rows by item; those of one item in the order in which they were added.
struct ByItem {
    struct Entry {
        std::int32_t user;
        float rating;
    };
    ByItem(std::size_t count, bool with_time) : entries(count), times(with_time ? count : 0) {}

    BulkVector<Entry> entries;
    BulkVector<double> times;
};

[[noreturn]] void refuse_rating(const Id& user, const Id& item, float rating) {
    const char* value = std::isnan(rating) ? "NaN" : rating > 0 ? "Infinity" : "-Infinity";
    throw InvalidInput(
        "the rating of user " + to_string(user) + " for item " + to_string(item) + " is " + value,
        "Ratings must be finite: leave such rows out, or replace the value.");
}

void sum_up(std::vector<std::int64_t>& counts) {
    for (std::size_t k = 1; k < counts.size(); k++) counts[k] += counts[k - 1];
}

Starts count_entries(const std::vector<Chunk>& chunks, const Indexes& index, Host& host) {
    Starts starts{std::vector<std::int64_t>(index.users.size() + 1),
                  std::vector<std::int64_t>(index.items.size() + 1)};
    for (const Chunk& chunk : chunks) {
        for (std::size_t k = 0; k < chunk.size; k++) {
            starts.users[index.users[chunk.rows[k].user] + 1]++;
            starts.items[index.items[chunk.rows[k].item] + 1]++;
        }
        host.poll();
    }
    sum_up(starts.users);
    sum_up(starts.items);
    return starts;
}

void scatter_chunk(const Chunk& chunk, const Indexes& index, std::vector<std::int64_t>& next,
                   ByItem& result) {
    for (std::size_t k = 0; k < chunk.size; k++) {
        const Row& row = chunk.rows[k];
        const std::int64_t to = next[index.items[row.item]]++;
        result.entries[to] = {index.users[row.user], row.rating};
        if (!chunk.times.empty()) result.times[to] = chunk.times[k];
    }
}

// Items ascending, so that each user's items come out ascending.
void scatter_by_user(const ByItem& by_item, const Starts& starts, SparseMatrix& result, double* times,
                     Host& host) {
    PollCounter progress(host);
    std::vector<std::int64_t> next = starts.users;
    for (std::size_t item = 0; item + 1 < starts.items.size(); item++) {
        for (std::int64_t k = starts.items[item]; k < starts.items[item + 1]; k++) {
            const std::int64_t to = next[by_item.entries[k].user]++;
            result.columns[to] = static_cast<std::int32_t>(item);
            result.values[to] = by_item.entries[k].rating;
            if (times != nullptr) times[to] = by_item.times[k];
        }
        progress.count(starts.items[item + 1] - starts.items[item] + 1);
    }
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
    Rows(IdType user_type, IdType item_type, bool times, MemoryBudget& budget)
        : users(user_type, &budget),
          items(item_type, &budget),
          with_time(times),
          claim(&budget, "the ratings") {}

    bool integer_ids() const { return users.type() == IdType::integer && items.type() == IdType::integer; }
    void append(const Row& row, double time);
    void append(const Batch& batch);
    void pass_on_batch();
    void add_chunk();
    Indexes finish_ids(Ratings& result, Host& host);
    ByItem scatter_by_item(const Indexes& index, const Starts& starts, Host& host);
    void scatter(Ratings& result, Host& host);
    void settle_claims(Ratings& result, bool keep_times);
    std::size_t scattered_memory() const { return count * (sizeof(ByItem::Entry) + time_bytes()); }
    std::size_t time_bytes() const { return with_time ? sizeof(double) : 0; }

    IdDictionary users, items;
    bool with_time;
    MemoryClaim claim;
    std::vector<Chunk> chunks;
    std::size_t count = 0;  // in chunks
    std::shared_ptr<Batch> batch = std::make_shared<Batch>();
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
    const auto full = std::exchange(batch, std::make_shared<Batch>());
    if (side_thread)
        side_thread->give([this, full] { append(*full); });
    else
        append(*full);
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

// Frees each chunk as soon as it has been scattered.
ByItem RatingsBuilder::Rows::scatter_by_item(const Indexes& index, const Starts& starts, Host& host) {
    claim.add(scattered_memory());
    ByItem result(count, with_time);
    std::vector<std::int64_t> next = starts.items;
    for (Chunk& chunk : chunks) {
        scatter_chunk(chunk, index, next, result);
        claim.remove(chunk.memory());
        chunk = {0, false};
        host.poll();
    }
    chunks.clear();
    return result;
}

// Fills the matrix with all rows, those of the same user and item side by side, and their times.
void RatingsBuilder::Rows::scatter(Ratings& result, Host& host) {
    Indexes index = finish_ids(result, host);
    const std::size_t starts_bytes = 2 * (index.users.size() + index.items.size() + 2) * sizeof(std::int64_t);
    claim.add(starts_bytes);
    Starts starts = count_entries(chunks, index, host);
    const ByItem by_item = scatter_by_item(index, starts, host);
    claim.remove(index.memory());
    index = {};

    SparseMatrix& matrix = result.by_user;
    claim.add(sparse_matrix_memory(result.users.size(), static_cast<std::int64_t>(count)) +
              count * time_bytes());
    matrix.columns_count = result.items.size();
    matrix.columns.resize(count);
    host.poll();
    matrix.values.resize(count);
    host.poll();
    if (with_time) result.times.resize(count);
    scatter_by_user(by_item, starts, matrix, with_time ? result.times.data() : nullptr, host);
    matrix.start = std::move(starts.users);
    claim.remove(starts_bytes + scattered_memory());
}

// The matrix, its transpose to come and times that are kept stay claimed for the caller.
void RatingsBuilder::Rows::settle_claims(Ratings& result, bool keep_times) {
    SparseMatrix& matrix = result.by_user;
    if (keep_times) {
        trim(result.times, claim);
    } else {
        result.times = {};
        claim.remove(count * time_bytes());
    }
    trim(matrix.columns, claim);
    trim(matrix.values, claim);
    claim.add(sparse_matrix_memory(matrix.columns_count, matrix.nonzeros()));
    claim.hand_over(claim.bytes());
    count = 0;
}

RatingsBuilder::RatingsBuilder(IdType user_type, IdType item_type, bool with_time, MemoryBudget& budget,
                               int threads)
    : rows_(std::make_unique<Rows>(user_type, item_type, with_time, budget)) {
    if (threads > 1 && rows_->integer_ids()) rows_->side_thread.emplace();
}

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
    rows_->scatter(result, host);
    result.merged = merge_duplicates(on_duplicate, result, host);
    rows_->settle_claims(result, keep_times);
    return result;
}

}  // namespace personalize::core
