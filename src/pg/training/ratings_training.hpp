// What every trainer of a ratings table does around its algorithm: claim the model, read, show progress, take
// the time, save the version.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/evaluation/evaluate.hpp"
#include "core/model/model_image.hpp"
#include "core/ratings/ratings.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/model_store/model_writer.hpp"
#include "pg/sources/ratings_source.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

// What personalize.progress shows, and `timings` adds up.
enum class Phase { reading, building, tuning, training, evaluating, writing };
inline constexpr std::size_t kPhases = 6;

// Seconds that each phase took.
class Timings {
  public:
    double& operator[](Phase phase) noexcept { return seconds_[static_cast<std::size_t>(phase)]; }
    double total() const noexcept;
    std::string json() const;

  private:
    std::array<double, kPhases> seconds_{};
};

// Begins with the phase of reading.
class PhaseClock {
  public:
    void enter(Phase phase) noexcept {
        timings();
        phase_ = phase;
    }
    const Timings& timings() noexcept;  // the present phase up to now

  private:
    Phase phase_ = Phase::reading;
    Timings timings_;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

// The row that a trainer returns.
struct TrainingSummary {
    NewVersion saved;
    int version = 0;
    std::int64_t users = 0, items = 0;
    std::vector<double> loss;  // after each iteration; empty where there are none
    Timings timings;
};

// A ratings table in memory, and the time and progress of what is done with it.
class RatingsWork {
  public:
    // `name` is shown in personalize.progress. `taken`: what of personalize.max_memory others have taken
    // already. Throws what describe_source() throws.
    RatingsWork(const std::string& name, Oid relation, const Source& columns, std::size_t taken = 0);

    core::Host& host() noexcept { return host_; }
    core::MemoryBudget& budget() noexcept { return budget_; }
    const RatingsSource& source() const noexcept { return source_; }
    // Of what read() has read.
    std::int64_t skipped() const noexcept { return skipped_; }
    std::int64_t merged() const noexcept { return merged_; }
    // Seconds of each phase, the present one up to now.
    const Timings& timings() noexcept { return clock_.timings(); }

    // Reads and builds. keep_times: Ratings::times is filled. Throws invalid_parameter_value where there is
    // nothing to train on.
    core::Ratings read(bool keep_times = false);
    // Claims the memory of an evaluation while it runs.
    core::Evaluation evaluate(const core::ModelParts& model, const core::Ratings& test,
                              const core::EvaluationOptions& options);
    void enter(Phase phase) noexcept;

  private:
    const RatingsSource source_;
    ProgressSlot progress_;
    PgHost host_;
    core::MemoryBudget budget_;
    std::int64_t skipped_ = 0, merged_ = 0;
    PhaseClock clock_;
};

// Refuses where nothing can be written, the relation cannot be read or the model is another's. Tells of a
// missing index.
void prepare_training(const std::string& model, Oid relation, const Source& columns);

// Says so where negative ratings will count as likes, and where most are too old to count.
void notice_odd_ratings(const TrainingRequest& request, const core::Ratings& ratings);

// The image of a model, claimed from `budget`. Throws what write_servable_image() throws.
core::ModelBytes make_image(const core::ModelParts& parts, core::MemoryBudget& budget);

// Writes the version; enters the phase of writing.
// `evaluation`: JSON, further members of its metrics; may be empty.
TrainingSummary save_training(const TrainingRequest& request, RatingsWork& work, const FittedModel& fitted,
                              const std::string& evaluation);

// As the SQL type personalize.training.
Datum summary_datum(FunctionCallInfo fcinfo, const TrainingSummary& summary);

}  // namespace personalize::pg
