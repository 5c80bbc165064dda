// Which impressions were converted: an event counts for the last impression before it, of the same item to
// the same user, if that is not too long ago.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/evaluation/conversion.hpp"
#include "core/runtime/memory_claim.hpp"

namespace personalize::core {

// Takes impressions and events in order of user, item and time, events before impressions of the same time,
// and adds up what each version of a model earned, for each kind of event. Times are in any unit, as long as
// it is one.
//
// An event at time s converts the last impression at a time t < s if s <= its deadline; further events of the
// same kind on that impression change nothing. Of several impressions at one time one is the last, chosen by
// a hash so that no version is favoured. Impressions whose deadline has not passed are not counted, but are
// touches.
class LastTouch {
  public:
    // Versions and kinds are numbered from 0; versions > 0, kinds > 0. `closed`: deadlines up to this time
    // have passed. `reference` is the version that the others are compared with. Claims the sums from
    // `budget` (null: no limit); throws MemoryLimitExceeded.
    LastTouch(int versions, int kinds, int reference, std::int64_t closed, MemoryBudget* budget = nullptr);

    // Whose rows follow, and of which item.
    void pair(std::string_view user, std::string_view item);
    void impression(int version, std::int64_t time, std::int64_t deadline);
    void event(int kind, std::int64_t time);
    void finish();  // after the last row

    // After finish(). Sums over the impressions whose deadline has passed.
    RatioSums sums(int kind, int version) const noexcept;
    CrossSums with_reference(int kind, int version) const noexcept;
    std::int64_t pending(int version) const noexcept { return pending_[version]; }  // not counted

  private:
    struct OfVersion {
        double users = 0, n = 0, nn = 0;
        double n0_n = 0;         // with n0, impressions of the reference to the same user
        std::int64_t shown = 0;  // to the present user
    };
    struct Cell {  // of a kind and a version
        double c = 0, nc = 0, cc = 0;
        double n0_c = 0, c0_n = 0, c0_c = 0;
        std::int64_t converted = 0;  // of the present user
    };
    struct Touch {
        bool any = false;
        int version = 0;
        std::int64_t time = 0, deadline = 0, number = 0;
    };

    std::size_t cell(int kind, int version) const noexcept {
        return static_cast<std::size_t>(kind) * versions_.size() + static_cast<std::size_t>(version);
    }
    bool takes_over(int version, std::int64_t time) const noexcept;
    void end_user();
    void add_conversions(std::size_t touched);

    const int reference_;
    const std::int64_t closed_;
    MemoryClaim claim_;
    std::vector<OfVersion> versions_;
    std::vector<std::int64_t> pending_;
    std::vector<Cell> cells_;                 // by kind, then version
    std::vector<std::int64_t> last_touched_;  // by kind: the number of the last impression that one converted
    std::vector<int> shown_;                  // versions of the present user
    std::vector<std::size_t> converted_;      // cells of the present user
    std::string user_, item_;
    bool has_user_ = false;
    Touch touch_;
    std::int64_t impressions_ = 0;
};

}  // namespace personalize::core
