// What every trainer of a ratings table does around its algorithm: claim the model, read, show progress, take
// the time, save the version.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/ratings/ratings.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/model_store/model_writer.hpp"
#include "pg/sources/ratings_source.hpp"

namespace personalize::pg {

// Seconds that each phase took.
struct Timings {
    double read = 0, build = 0, train = 0, write = 0;
    double total() const { return read + build + train + write; }
};

// The row that a trainer returns.
struct TrainingSummary {
    NewVersion saved;
    int version = 0;
    std::int64_t users = 0, items = 0;
    std::vector<double> loss;  // after each iteration
    Timings timings;
};

// Steps, in this order: read(), then with the ratings encoded start_training(), then start_writing(), then
// save().
class RatingsTraining {
  public:
    // Refuses where nothing can be written, the relation cannot be read or the model is another's. Tells of a
    // missing index.
    RatingsTraining(const std::string& model, Oid relation, const Source& columns);

    core::Host& host() noexcept { return host_; }
    core::MemoryBudget& budget() noexcept { return budget_; }

    core::Ratings read();  // throws invalid_parameter_value where there is nothing to train on
    void start_training();
    void start_writing();
    TrainingSummary save(const std::string& algorithm, const std::string& options,
                         const core::Ratings& ratings, std::vector<double> loss,
                         const core::ModelParts& parts);

  private:
    double lap() noexcept;

    const std::string model_;
    const RatingsSource source_;
    ProgressSlot progress_;
    PgHost host_;
    core::MemoryBudget budget_;
    std::int64_t skipped_ = 0;
    Timings timings_;
    std::chrono::steady_clock::time_point last_lap_;
};

// As the SQL type personalize.training.
Datum summary_datum(FunctionCallInfo fcinfo, const TrainingSummary& summary);

}  // namespace personalize::pg
