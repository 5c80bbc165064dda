#include "core/evaluation/tune_mf.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <exception>
#include <limits>
#include <vector>

#include "core/evaluation/averages.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/memory_claim.hpp"

namespace personalize::core {

namespace {

constexpr int kGroup = 9, kHalving = 3;
// Shares of a trial's iterations after which it is scored.
constexpr std::array kRungs = {.25, .5, 1.0};
constexpr int kFewestOnRung = 2;

constexpr std::array kErrors = {"rmse", "mae"};
constexpr std::array kGains = {"precision", "recall", "recall_capped", "f1",
                               "ndcg",      "map",    "mrr",           "hit_rate"};

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// The time is over.
struct OutOfTime : std::exception {};

// Ends a training when its time is over.
class TimedHost : public Host {
  public:
    TimedHost(Host& host, double seconds) : host_(host), seconds_(seconds) {}
    void poll() override {
        host_.poll();
        if (seconds_since(start_) > seconds_) throw OutOfTime();
    }
    void iteration_done(int iteration, int iterations, double loss) override {
        host_.iteration_done(iteration, iterations, loss);
    }

  private:
    Host& host_;
    const double seconds_;
    const Clock::time_point start_ = Clock::now();
};

class Tuner {
  public:
    Tuner(Split& parts, const TuningOptions& options, MemoryBudget& budget, Host& host,
          const std::function<void(const Trial&)>& report)
        : parts_(parts),
          options_(options),
          budget_(budget),
          host_(host),
          report_(report),
          larger_is_better_(larger_is_better(options.metric, options.space.base.feedback)) {}

    Tuning run() {
        rule_ = encode_ratings(parts_.train, options_.space.base);
        try {
            while (std::ssize(trials_) < options_.trials) run_group();
        } catch (const OutOfTime&) {
            result_.out_of_time = true;
        }
        const Trial* best = best_trial();
        if (best == nullptr)
            throw InvalidInput("the time ended before the first trial was scored",
                               "Give a longer budget, or train once with train_mf().");
        if (std::isnan(best->score.value) && failure_) std::rethrow_exception(failure_);
        if (std::isnan(best->score.value))
            throw InvalidInput(
                "there is nothing held out that " + options_.metric + " could be measured with",
                "Hold out more, or choose another metric.");
        result_.best = *best;
        result_.defaults = trials_[0];
        result_.trials = static_cast<int>(
            std::count_if(trials_.begin(), trials_.end(), [](const Trial& trial) { return trial.scored(); }));
        return result_;
    }

  private:
    void run_group() {
        const std::size_t first = trials_.size();
        const int count = std::min(kGroup, options_.trials - static_cast<int>(first));
        for (int k = 0; k < count; k++) trials_.push_back(propose(static_cast<int>(first) + k + 1));
        std::vector<std::size_t> left;
        for (std::size_t k = first; k < trials_.size(); k++) left.push_back(k);
        for (const double rung : kRungs) {
            for (const std::size_t k : left) advance(trials_[k], rung);
            halve(left);
        }
    }

    Trial propose(int number) const {
        Trial trial;
        trial.number = number;
        const Trial* best = number <= kGroup ? nullptr : best_trial();
        trial.settings = best == nullptr
                             ? random_settings(options_.space, options_.seed, number)
                             : settings_near(best->settings, options_.space, options_.seed, number);
        return trial;
    }

    // The best third, and the defaults.
    void halve(std::vector<std::size_t>& left) const {
        std::stable_sort(left.begin(), left.end(), [this](std::size_t a, std::size_t b) {
            return better(trials_[a].score, trials_[b].score);
        });
        const std::size_t keep = std::max<std::size_t>(1, left.size() / kHalving);
        const auto end = std::remove_if(left.begin() + static_cast<std::ptrdiff_t>(keep), left.end(),
                                        [](std::size_t k) { return k != 0; });
        left.erase(end, left.end());
    }

    void advance(Trial& trial, double rung) {
        const int all = trial.settings.iterations;
        const int iterations =
            std::min(all, std::max(kFewestOnRung, static_cast<int>(std::lround(rung * all))));
        if (iterations <= trial.trained) return;
        const auto start = Clock::now();
        TimedHost host(host_, options_.seconds - seconds_since(start_) - seconds_of_last_training());
        host.poll();
        const Measure measured = score_or_failure(trial.settings, iterations, host);
        if (!trial.scored() || better(measured, trial.score)) {
            trial.score = measured;
            trial.iterations = iterations;
        }
        trial.last_score = measured.value;
        trial.trained = iterations;
        trial.seconds += seconds_since(start);
        report_(trial);
    }

    // Settings with which a training fails (it diverges, it needs too much memory) have no score.
    Measure score_or_failure(const MfOptions& settings, int iterations, Host& host) {
        try {
            return score(settings, iterations, host);
        } catch (const Error&) {
            if (!failure_) failure_ = std::current_exception();
            return {options_.metric.c_str(), kUndefined, kUndefined, kUndefined, 0, 0};
        }
    }

    Measure score(MfOptions settings, int iterations, Host& host) {
        settings.iterations = iterations;
        const ScratchClaims scratch(budget_);
        const MfModel model = train_mf(parts_.train, rule_, settings, budget_, host);
        const ModelParts parts = model.parts(parts_.train);
        budget_.reserve(evaluation_memory(parts, parts_.test, options_.evaluation), "the evaluation");
        const Evaluation evaluation = evaluate(parts, parts_.test, options_.evaluation, host);
        return *evaluation.find(options_.metric.c_str());
    }

    // What training the best on everything will take; nothing is known of it before the first score.
    double seconds_of_last_training() const {
        const Trial* best = best_trial();
        if (best == nullptr) return 0;
        const double rows = static_cast<double>(parts_.train.by_user.nonzeros());
        const double more = 1 + static_cast<double>(parts_.test.by_user.nonzeros()) / rows;
        return best->seconds / best->trained * best->iterations * more;
    }

    bool better(const Measure& a, const Measure& b) const noexcept {
        if (std::isnan(a.value) || std::isnan(b.value)) return !std::isnan(a.value) && std::isnan(b.value);
        return larger_is_better_ ? a.value > b.value : a.value < b.value;
    }

    // The earlier one of two that are equal, so that the defaults stay unless something beats them.
    const Trial* best_trial() const {
        const Trial* best = nullptr;
        for (const Trial& trial : trials_)
            if (trial.scored() && (best == nullptr || better(trial.score, best->score))) best = &trial;
        return best;
    }

    Split& parts_;
    const TuningOptions& options_;
    MemoryBudget& budget_;
    Host& host_;
    const std::function<void(const Trial&)>& report_;
    const bool larger_is_better_;
    const Clock::time_point start_ = Clock::now();
    FeedbackRule rule_;
    std::vector<Trial> trials_;
    std::exception_ptr failure_;  // the first of a trial
    Tuning result_;
};

}  // namespace

bool larger_is_better(const std::string& metric, Feedback feedback) {
    const bool is_explicit = feedback == Feedback::explicit_feedback;
    if (std::find(kGains.begin(), kGains.end(), metric) != kGains.end()) return true;
    if (is_explicit && std::find(kErrors.begin(), kErrors.end(), metric) != kErrors.end()) return false;
    const bool needs_explicit = std::find(kErrors.begin(), kErrors.end(), metric) != kErrors.end();
    std::string names;
    const auto list = [&names](const char* name) {
        names += (names.empty() ? "'" : ", '") + std::string(name) + "'";
    };
    if (is_explicit) std::for_each(kErrors.begin(), kErrors.end(), list);
    std::for_each(kGains.begin(), kGains.end(), list);
    throw InvalidInput("metric is \"" + metric + "\"",
                       "Use one of " + names + (needs_explicit ? ", or feedback => 'explicit'." : "."));
}

Tuning tune_mf(Split& parts, const TuningOptions& options, MemoryBudget& budget, Host& host,
               const std::function<void(const Trial&)>& report) {
    return Tuner(parts, options, budget, host, report).run();
}

}  // namespace personalize::core
