#include "core/evaluation/last_touch.hpp"

#include "core/ratings/id_hash.hpp"

namespace personalize::core {

LastTouch::LastTouch(int versions, int kinds, int reference, std::int64_t closed, MemoryBudget* budget)
    : reference_(reference), closed_(closed), claim_(budget, "the sums of the report") {
    const auto of_versions = static_cast<std::size_t>(versions), of_kinds = static_cast<std::size_t>(kinds);
    const std::size_t per_version = sizeof(OfVersion) + sizeof(std::int64_t) + sizeof(int);
    claim_.add(of_versions * per_version + of_kinds * sizeof(std::int64_t) +
               of_versions * of_kinds * (sizeof(Cell) + sizeof(std::size_t)));
    versions_.resize(of_versions);
    pending_.resize(of_versions);
    shown_.reserve(of_versions);
    cells_.resize(of_versions * of_kinds);
    converted_.reserve(of_versions * of_kinds);
    last_touched_.resize(of_kinds);
}

void LastTouch::pair(std::string_view user, std::string_view item) {
    if (has_user_ && user_ == user && item_ == item) return;
    if (!has_user_ || user_ != user) {
        end_user();
        user_ = user;
        has_user_ = true;
    }
    item_ = item;
    touch_.any = false;
}

// Where two versions were shown at one time, each wins for half of all pairs of user and item.
bool LastTouch::takes_over(int version, std::int64_t time) const noexcept {
    if (!touch_.any || touch_.time != time) return true;
    const auto draw = [this](int candidate) {
        return hash_ids(Id::text(user_), Id::text(item_), static_cast<std::uint64_t>(candidate));
    };
    return draw(version) > draw(touch_.version);
}

void LastTouch::impression(int version, std::int64_t time, std::int64_t deadline) {
    OfVersion& sums = versions_[version];
    if (deadline > closed_)
        pending_[version]++;
    else if (sums.shown++ == 0)
        shown_.push_back(version);
    impressions_++;
    if (takes_over(version, time)) touch_ = {true, version, time, deadline, impressions_};
}

void LastTouch::event(int kind, std::int64_t time) {
    if (!touch_.any || time <= touch_.time || time > touch_.deadline || touch_.deadline > closed_) return;
    if (last_touched_[kind] == touch_.number) return;
    last_touched_[kind] = touch_.number;
    const std::size_t at = cell(kind, touch_.version);
    if (cells_[at].converted++ == 0) converted_.push_back(at);
}

void LastTouch::add_conversions(std::size_t touched) {
    Cell& sums = cells_[touched];
    const std::size_t version = touched % versions_.size(), kind = touched / versions_.size();
    const auto n0 = static_cast<double>(versions_[reference_].shown);
    const auto n = static_cast<double>(versions_[version].shown), c = static_cast<double>(sums.converted);
    const std::size_t of_reference = cell(static_cast<int>(kind), reference_);
    sums.c += c;
    sums.nc += n * c;
    sums.cc += c * c;
    sums.n0_c += n0 * c;
    sums.c0_c += static_cast<double>(cells_[of_reference].converted) * c;
    if (touched != of_reference) return;
    for (const int other : shown_)
        cells_[cell(static_cast<int>(kind), other)].c0_n += c * static_cast<double>(versions_[other].shown);
}

void LastTouch::end_user() {
    const auto n0 = static_cast<double>(versions_[reference_].shown);
    for (const int version : shown_) {
        OfVersion& sums = versions_[version];
        const auto n = static_cast<double>(sums.shown);
        sums.users++;
        sums.n += n;
        sums.nn += n * n;
        sums.n0_n += n0 * n;
    }
    for (const std::size_t touched : converted_) add_conversions(touched);
    for (const int version : shown_) versions_[version].shown = 0;
    for (const std::size_t touched : converted_) cells_[touched].converted = 0;
    shown_.clear();
    converted_.clear();
}

void LastTouch::finish() {
    end_user();
    has_user_ = false;
}

RatioSums LastTouch::sums(int kind, int version) const noexcept {
    const OfVersion& of_version = versions_[version];
    const Cell& of_cell = cells_[cell(kind, version)];
    return {of_version.users, of_version.n, of_cell.c, of_version.nn, of_cell.nc, of_cell.cc};
}

CrossSums LastTouch::with_reference(int kind, int version) const noexcept {
    const Cell& of_cell = cells_[cell(kind, version)];
    return {versions_[version].n0_n, of_cell.n0_c, of_cell.c0_n, of_cell.c0_c};
}

}  // namespace personalize::core
