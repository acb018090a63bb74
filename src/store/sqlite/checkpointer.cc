#include "store/sqlite/checkpointer.h"

namespace crosswalk::store {
namespace {

/// 16 MiB: a page that many commits touch is then copied once, and a start after a crash still reads the log in no
/// time.
constexpr int kLogPages = 4'000;

}  // namespace

Checkpointer::Checkpointer(Connection& writer, std::unique_ptr<Connection> own)
    : writer_(writer), own_(std::move(own)), thread_([this] { run(); }) {
  writer_.watch_log([this](int pages) { log_grew(pages); });
}

Checkpointer::~Checkpointer() {
  writer_.watch_log({});
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Checkpointer::log_grew(int pages) {
  if (pages < kLogPages) return;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::copying) return;
    if (phase_ == Phase::idle) {
      phase_ = Phase::copying;
      changed_.notify_one();
      return;
    }
    phase_ = Phase::idle;
  }
  writer_.checkpoint();
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || phase_ == Phase::copying; });
    if (stopping_) return;
    lock.unlock();
    own_->checkpoint();
    lock.lock();
    phase_ = Phase::copied;
  }
}

}  // namespace crosswalk::store
