// Progress of trainings, tunings and evaluations, in shared memory, for everyone to see in
// personalize.progress.
#pragma once

#include <cstdint>
#include <string>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// One that runs. Where all slots are taken the training goes on unseen.
class ProgressSlot {
  public:
    explicit ProgressSlot(const std::string& model);
    ~ProgressSlot();
    ProgressSlot(const ProgressSlot&) = delete;
    ProgressSlot& operator=(const ProgressSlot&) = delete;

    void phase(const char* name) noexcept;  // as personalize.progress shows it: 'reading', 'training', ...
    void rows_read(std::int64_t rows) noexcept;
    void iteration_done(int iteration, int iterations, double loss) noexcept;

    static void release_all() noexcept;  // of this backend, at exit

  private:
    int slot_;
};

}  // namespace personalize::pg
