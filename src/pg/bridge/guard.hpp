// The only place where C++ exceptions and PostgreSQL errors meet.
//
// PostgreSQL's errors are longjmps that skip destructors; C++ exceptions must never cross a frame of
// PostgreSQL. So there are two doors. PostgreSQL enters C++ through guarded() (PERSONALIZE_FUNCTION, or
// directly in callbacks): an exception is copied into plain data and reported after every C++ frame is gone.
// C++ enters PostgreSQL through call(): an error comes back as the exception PgError, which is always passed
// on, never swallowed.
#pragma once

#include "pg/bridge/postgres.hpp"
// PostgreSQL first: its headers must not see macros of others.
#include <cstdint>
#include <cstdio>
#include <new>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "core/runtime/error.hpp"

namespace personalize::pg {

// A PostgreSQL error in flight as a C++ exception.
struct PgError {
    ErrorData* data;
};

// An error of our own with its SQLSTATE.
struct SqlError : core::Error {
    SqlError(int code, const std::string& message, std::string hint = {})
        : core::Error(message, std::move(hint)), sqlstate(code) {}
    int sqlstate;
};

// What the reporting frame needs, as plain data: ereport() will longjmp out of that frame.
struct Report {
    int sqlstate;
    bool cancelled;
    ErrorData* pg;
    char message[1024];
    char hint[1024];
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wclobbered"

// Calls PostgreSQL while C++ objects are alive. Nothing inside `body` may have a destructor; captures are
// plain.
template <typename Body>
auto call(Body body) -> decltype(body()) {
    using Result = decltype(body());
    static_assert(std::is_trivially_destructible_v<Body>, "capture plain data only");
    static_assert(std::is_void_v<Result> || std::is_trivially_copyable_v<Result>, "return plain data only");
    const MemoryContext caller = CurrentMemoryContext;
    ErrorData* volatile error = nullptr;
    std::conditional_t<std::is_void_v<Result>, char, Result> result{};

    PG_TRY();
    {
        if constexpr (std::is_void_v<Result>)
            body();
        else
            result = body();
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(caller);
        error = CopyErrorData();
        FlushErrorState();
    }
    PG_END_TRY();

    if (error != nullptr) throw PgError{error};
    if constexpr (!std::is_void_v<Result>) return result;
}

#pragma GCC diagnostic pop

// Describes the exception being handled. Call only from inside a catch block.
inline void describe(Report* report) noexcept {
    const auto set = [report](int code, const char* message, const char* hint = "") {
        report->sqlstate = code;
        std::snprintf(report->message, sizeof report->message, "%s", message);
        std::snprintf(report->hint, sizeof report->hint, "%s", hint);
    };
    try {
        throw;
    } catch (const PgError& e) {
        report->pg = e.data;
    } catch (const core::Cancelled&) {
        report->cancelled = true;
    } catch (const SqlError& e) {
        set(e.sqlstate, e.what(), e.hint().c_str());
    } catch (const core::InvalidInput& e) {
        set(ERRCODE_INVALID_PARAMETER_VALUE, e.what(), e.hint().c_str());
    } catch (const core::MemoryLimitExceeded& e) {
        set(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED, e.what());
        std::snprintf(report->hint, sizeof report->hint, "Raise the setting personalize.max_memory, or %s.",
                      e.hint().empty() ? "ask for less: fewer rows, fewer factors" : e.hint().c_str());
    } catch (const core::CorruptModel& e) {
        set(ERRCODE_DATA_CORRUPTED, e.what(), "Train the model again, or activate another version of it.");
    } catch (const std::system_error&) {
        set(ERRCODE_INSUFFICIENT_RESOURCES, "could not start a thread",
            "Lower the setting personalize.threads.");
    } catch (const std::bad_alloc&) {
        set(ERRCODE_OUT_OF_MEMORY, "out of memory");
    } catch (const std::exception& e) {
        set(ERRCODE_INTERNAL_ERROR, e.what());
    } catch (...) {
        set(ERRCODE_INTERNAL_ERROR, "unknown C++ exception");
    }
}

[[noreturn]] inline void raise(Report& report) {
    if (report.pg != nullptr) ReThrowError(report.pg);  // SQLSTATE, detail, hint and context are kept
    if (report.cancelled) CHECK_FOR_INTERRUPTS();  // PostgreSQL words cancel, timeout and terminate itself
    if (report.cancelled)
        ereport(ERROR, errcode(ERRCODE_QUERY_CANCELED), errmsg("canceling statement due to user request"));
    for (char* text : {report.message, report.hint}) {  // a cut-off text must end with a whole character
        const int length = static_cast<int>(strlen(text));
        text[pg_mbcliplen(text, length, length)] = '\0';
    }
    ereport(ERROR, errcode(report.sqlstate), errmsg("%s", report.message),
            report.hint[0] != '\0' ? errhint("%s", report.hint) : 0);
    pg_unreachable();
}

// Runs C++ for PostgreSQL.
template <typename Body>
auto guarded(Body&& body) -> decltype(body()) {
    Report report;
    report.sqlstate = 0;
    report.cancelled = false;
    report.pg = nullptr;
    try {
        return body();
    } catch (...) {
        describe(&report);
    }               // the exception object is destroyed here ...
    raise(report);  // ... before this longjmp
}

// Says which model it is when its bytes turn out to be damaged.
template <typename Body>
auto naming_model(const std::string& model, int version, Body&& body) -> decltype(body()) {
    try {
        return body();
    } catch (const core::CorruptModel& e) {
        throw core::CorruptModel("model \"" + model + "\", version " + std::to_string(version) +
                                 ", is damaged: " + e.what());
    }
}

// Says which option it is whose value PostgreSQL does not take.
template <typename Body>
auto naming_option(const char* option, Body body) -> decltype(body()) {
    try {
        return call(body);
    } catch (const PgError& e) {
        const int category = ERRCODE_TO_CATEGORY(e.data->sqlerrcode);
        if (category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION)
            e.data->message = call(
                [option, text = e.data->message] { return psprintf("option \"%s\": %s", option, text); });
        throw;
    }
}

// Hands a C++ object to a memory context, which destroys it on success, on error and on cancel alike.
template <typename T, typename... Args>
T* make_owned(MemoryContext owner, Args&&... args) {
    auto* callback = call([owner] {
        auto* c =
            static_cast<MemoryContextCallback*>(MemoryContextAllocZero(owner, sizeof(MemoryContextCallback)));
        c->func = [](void* object) { delete static_cast<T*>(object); };  // NULL until the object exists
        MemoryContextRegisterResetCallback(owner, c);
        return c;
    });
    T* object = new T(std::forward<Args>(args)...);
    callback->arg = object;
    return object;
}

// The core calls this from the main thread every few milliseconds. Cancel and terminate unwind first, so that
// threads are joined, and raise() then lets PostgreSQL act; everything else that is pending is served here.
inline void checkpoint() {
    if (!InterruptPending) return;
    if (QueryCancelPending || ProcDiePending) throw core::Cancelled();
    call([] { CHECK_FOR_INTERRUPTS(); });
}

}  // namespace personalize::pg

// Defines an SQL-callable function.
#define PERSONALIZE_FUNCTION(name)                                                 \
    static Datum name##_body(FunctionCallInfo fcinfo);                             \
    extern "C" {                                                                   \
    PG_FUNCTION_INFO_V1(name);                                                     \
    PGDLLEXPORT Datum name(PG_FUNCTION_ARGS) {                                     \
        return personalize::pg::guarded([fcinfo] { return name##_body(fcinfo); }); \
    }                                                                              \
    }                                                                              \
    static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)
