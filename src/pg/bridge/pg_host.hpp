// What the core is given of PostgreSQL: cancel, terminate and progress.
#pragma once

#include "core/runtime/host.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/bridge/progress.hpp"

namespace personalize::pg {

class PgHost : public core::Host {
  public:
    explicit PgHost(ProgressSlot* progress = nullptr);

    void poll() override {
        checkpoint();
        if (!PostmasterIsAlive())
            throw SqlError(ERRCODE_ADMIN_SHUTDOWN, "the server has gone, ending the computation");
    }

    void iteration_done(int iteration, int iterations, double loss) override {
        if (progress_ != nullptr) progress_->iteration_done(iteration, iterations, loss);
    }

  private:
    ProgressSlot* progress_;
};

}  // namespace personalize::pg
