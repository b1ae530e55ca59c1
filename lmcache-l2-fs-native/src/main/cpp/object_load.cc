// SPDX-License-Identifier: Apache-2.0
#include "object_load.h"

#include <algorithm>
#include <utility>

#include "object_transfer.h"
#include "verdict.h"

namespace lmcache {
namespace {

ItemResult FailedOrAbsent(Status status) {
  return SaysAbsent(-status.error) ? ItemResult::Of(Outcome::kNotFound)
                                   : ItemResult::Failed(status);
}

}  // namespace

int64_t ObjectLoad::object_bytes(int64_t offset, int64_t length) const {
  return std::clamp(target_.memory.size - offset, int64_t{0}, length);
}

Transfer ObjectLoad::Read(int64_t offset, int64_t length, uint32_t* crc) const {
  *crc = 0;
  TransferPlan how;
  how.alignment = alignment_;
  how.first_read = offset == 0 ? std::min(first_read_, target_.memory.size) : 0;
  return ReadObject(ops_, opened_.fd.get(), static_cast<char*>(target_.memory.data) + offset,
                    offset, object_bytes(offset, length), length, how, verified_ ? crc : nullptr);
}

LoadSum ObjectLoad::ReadAll() const {
  LoadSum sum;
  const Transfer moved = Read(0, transfer_bytes(), &sum.checksum);
  sum.bytes = moved.bytes;
  sum.error = moved.error;
  return sum;
}

bool ObjectReader::Begin(const LoadTarget& target, ObjectLoad* load, Reading* reading) const {
  return BeginWith(direct_->PlanFor(target.memory), target, load, reading);
}

bool ObjectReader::BeginWith(const DirectPlan& plan, const LoadTarget& target, ObjectLoad* load,
                             Reading* reading) const {
  *reading = {};
  *load = {};
  reading->result = ItemResult::Of(Outcome::kNotFound);
  OpenedFile opened;
  const Status status =
      OpenObject(ops_, directory_, target.name, options_.attributes, plan.direct, &opened);
  if (!status.ok()) {
    reading->result = FailedOrAbsent(status);
    return false;
  }
  if (opened.kind != OpenedFile::Kind::kRegular) {
    reading->foreign = opened.kind == OpenedFile::Kind::kNotRegular;
    return false;
  }
  reading->identity = opened.identity;
  const Verdict verdict = JudgeForLoad(target.memory.size, opened.file, target.digest);
  switch (verdict) {
    case Verdict::kVerify:
    case Verdict::kUnverified:
      break;
    case Verdict::kSizeMismatch:
      reading->result = ItemResult::Of(Outcome::kSizeMismatch, opened.file.size);
      return false;
    case Verdict::kEmpty:
      reading->empty = true;
      return false;
    case Verdict::kForeign:
      reading->foreign = true;
      return false;
    case Verdict::kCorrupt:
      reading->result = ItemResult::Of(Outcome::kCorrupt, opened.file.size);
      return false;
  }
  // Only now: whose object is not there gets no other answer because of an address.
  load->plan_ = opened.refused_with == 0
                    ? plan
                    : direct_->PlanAfterRefusal(target.memory, opened.refused_with);
  if (load->plan_.failure.outcome != Outcome::kPending) {
    reading->result = load->plan_.failure;
    return false;
  }
  load->ops_ = ops_;
  load->target_ = target;
  load->alignment_ = load->plan_.direct ? direct_->alignment().length : 1;
  load->first_read_ = load->plan_.direct ? 0 : options_.read_ahead;
  load->verified_ =
      verdict == Verdict::kVerify && options_.checksum && opened.file.attribute.has_checksum;
  load->unverified_ = verdict == Verdict::kUnverified;
  load->opened_ = std::move(opened);
  return true;
}

Reading ObjectReader::End(ObjectLoad* load, const LoadSum& sum) const {
  const Reading reading = EndWithFallback(load, sum);
  load->opened_.fd.Close();
  return reading;
}

Reading ObjectReader::EndWithFallback(ObjectLoad* load, const LoadSum& sum) const {
  if (!load->plan_.direct || !DirectIo::IsRefusal(sum.error)) {
    return EndWhole(*load, sum);
  }
  const LoadTarget target = load->target_;
  const DirectPlan plan = direct_->PlanAfterRefusal(target.memory, sum.error);
  Reading reading;
  if (plan.failure.outcome != Outcome::kPending) {
    reading.result = plan.failure;
    return reading;
  }
  return BeginWith(plan, target, load, &reading) ? EndWhole(*load, load->ReadAll()) : reading;
}

Reading ObjectReader::EndWhole(const ObjectLoad& load, const LoadSum& sum) const {
  Reading reading;
  reading.identity = load.opened_.identity;
  reading.plan = load.plan_;
  reading.result = Judge(load, sum);
  reading.unverified = load.unverified_ && reading.result.outcome == Outcome::kLoaded;
  return reading;
}

ItemResult ObjectReader::Judge(const ObjectLoad& load, const LoadSum& sum) const {
  if (sum.error != 0) {
    return FailedOrAbsent({Step::kRead, sum.error});
  }
  const int64_t size = load.target_.memory.size;
  if (load.unverified_ && sum.bytes != size) {
    // Someone outside this product cut the file while it was being read.
    return ItemResult::Of(Outcome::kSizeMismatch, sum.bytes);
  }
  // Shorter than it was a moment ago, and so shorter than it says.
  if (sum.bytes != size ||
      (load.verified_ && sum.checksum != load.opened_.file.attribute.checksum)) {
    return ItemResult::Of(Outcome::kCorrupt, sum.bytes);
  }
  return load.plan_.Result(Outcome::kLoaded, size);
}

Reading ObjectReader::Read(const LoadTarget& target) const {
  ObjectLoad load;
  Reading reading;
  return Begin(target, &load, &reading) ? End(&load, load.ReadAll()) : reading;
}

}  // namespace lmcache
