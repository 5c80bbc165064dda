// personalize.tuning_trial: what was tried for a model, a run at a time.
#pragma once

#include <string>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// A row; numbers that are NaN become NULL.
struct TuningRow {
    int trial;
    std::string state;  // 'scored', 'chosen'
    std::string metric;
    double score, standard_error, popularity;
    std::int64_t users;
    int iterations;
    std::string options;  // JSON
    double seconds;
};

class TuningLog {
  public:
    // The next run of a model that the current user has claimed; older ones beyond personalize.keep_versions
    // go.
    explicit TuningLog(const std::string& model);
    // Adds the trial, or replaces what stood of it.
    void write(const TuningRow& row) const;

    // All runs of a model; to be called as the owner of the tables.
    static void forget(const std::string& model);
    // The current role's runs of a name that no model has. False: there are none.
    static bool forget_own(const std::string& model);

  private:
    const std::string model_;
    const std::string owner_;
    int run_;
};

}  // namespace personalize::pg
