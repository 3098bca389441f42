"""The rules, with made-up numbers: what each says, when it says nothing, and what comes first."""

import pytest

from tests.trainer.profiling.numbers import gpu_profile, profile, samples, step, steps
from trainer.profiling.advice import NOTHING, SHOWN, advice_for, advice_lines
from trainer.profiling.machine_rules import other_programs


def checks(measured):
    return [advice.check for advice in advice_for(measured)]


@pytest.mark.parametrize("good", [profile(), gpu_profile()], ids=["processor", "gpu"])
def test_there_may_be_nothing_to_change(good):
    assert advice_for(good) == []
    assert advice_lines(advice_for(good)) == [NOTHING]


def test_a_slow_disk_is_named_with_the_option_to_change():
    slow = profile(steps=steps(phases={"data": 0.2}, data_cpu=0.004), use=samples(disk_mb_s=35.0))
    first = advice_for(slow)[0]
    assert first.check == "waiting-for-disk"
    assert first.change == "--cache"
    assert "67%" in first.seen
    assert "35 MB/s" in first.seen
    assert first.gain == pytest.approx(2 / 3, abs=0.05)


def test_a_processor_that_gathers_batches_is_not_taken_for_a_slow_disk():
    assert checks(profile(steps=steps(phases={"data": 0.2}, data_cpu=0.19)))[0] == "waiting-for-loading"
    loaders = samples(children_cores=1.9, process_cores=2.0, gpu=0.3, cores=[0.2] * 16)
    waiting = [*steps(phases={"data": 0.2}), *(step(n, phases={"data": 0.2}, traced=True) for n in range(111, 116))]
    assert checks(gpu_profile(steps=waiting, use=loaders)) == ["waiting-for-loading"]


def test_an_idle_gpu_gets_larger_batches_if_they_fit():
    idle = samples(gpu=0.4, cores=[0.2] * 16, process_cores=0.5)
    (advice,) = advice_for(gpu_profile(use=idle, gpu_peak_mb=20_000.0))
    assert advice.check == "low-gpu-use"
    assert "40%" in advice.seen
    assert "training.batch_size=128" in advice.advice
    assert checks(gpu_profile(use=idle, gpu_peak_mb=70_000.0)) == []


def test_a_full_core_beside_an_idle_gpu_is_the_limit():
    one_core = samples(gpu=0.4, cores=[1.0] + [0.1] * 15, process_cores=1.0)
    assert checks(gpu_profile(use=one_core, gpu_peak_mb=20_000.0)) == ["processor-limits"]


def test_a_gpu_whose_use_is_unknown_gets_no_advice_about_it():
    assert checks(gpu_profile(use=samples(cores=[0.2] * 16, process_cores=0.5))) == []


def test_slow_augmentation_names_what_makes_it_slow():
    slow = steps(phases={"augmentation": 0.1})
    assert [advice.change for advice in advice_for(profile(steps=slow))] == ["input.train_size"]
    assert [advice.change for advice in advice_for(profile(steps=slow, randaugment=2))] == ["augmentation.randaugment"]


def test_fixed_costs_ask_for_larger_batches_and_only_one_advice_is_given_for_a_key():
    fixed = steps(phases={"optimizer": 0.05, "logging": 0.05}, photos=4)
    (advice,) = advice_for(profile(steps=fixed, batch_size=4))
    assert advice.check == "batch-too-small"
    assert "training.batch_size=8" in advice.advice
    traced = [*fixed, *(step(n, phases={"optimizer": 0.05, "logging": 0.05}, traced=True) for n in range(111, 116))]
    both = gpu_profile(steps=traced, use=samples(gpu=0.1, cores=[0.1] * 16, process_cores=0.5), gpu_peak_mb=2000.0)
    assert [advice.change for advice in advice_for(both)] == ["training.batch_size"]


def test_a_batch_that_does_not_fit_is_too_large():
    (advice,) = advice_for(gpu_profile(parts=4))
    assert advice.check == "batch-too-large"
    assert "training.batch_size=16" in advice.advice
    assert checks(profile(use=samples(memory_used=0.95))) == ["batch-too-large"]


def test_too_few_threads_are_named():
    assert checks(profile(threads=1)) == ["few-threads"]


def test_other_programs_that_take_the_processor_are_a_note():
    said = other_programs(profile(use=samples(process_cores=1.0)))
    assert said is not None
    assert "Other programs used 0.9 of 2 cores" in said
    assert other_programs(profile(use=samples(cores=[1.0, 0.3], process_cores=0.6))) is None  # a core is free


def test_growing_memory_comes_first_if_the_training_would_not_get_to_its_end():
    def grown(mb):
        return [step(number, memory_mb=800.0 + mb * number) for number in range(11, 111)]

    first, *_ = advice_for(profile(steps=grown(7), threads=1))
    assert first.check == "memory-growth"
    assert "7.0 MB" in first.seen
    assert "8 GB" in first.seen
    *_, last = advice_for(profile(steps=grown(1), threads=1))
    assert last.check == "memory-growth"
    assert "whole training" not in last.seen


def test_memory_that_goes_up_and_down_does_not_grow():
    assert checks(profile(steps=[step(n, memory_mb=800.0 + 300 * (n % 2)) for n in range(11, 111)])) == []


@pytest.mark.parametrize(("phase", "change"), [("data", "--cache"), ("logging", "--run"), ("backward", "machine")])
def test_step_outliers_say_what_took_the_time(phase, change):
    spikes = [step(n, phases={phase: 0.8}) if n % 25 == 0 else step(n) for n in range(11, 111)]
    (advice,) = advice_for(profile(steps=spikes))
    assert advice.check == "step-outliers"
    assert advice.change == change
    assert "4 of 100 steps" in advice.seen
    assert "step 25" in advice.seen


def test_steps_that_are_a_little_slower_are_no_outliers():
    assert checks(profile(steps=[step(n, phases={"forward": 0.03 + 0.0001 * (n % 7)}) for n in range(11, 111)])) == []


def decoding(**changes):
    part = {"title": "Decoding photos", "seconds": 30.0, "items": 6000, "busy": 0.95, "disk_mb_s": 3.0, **changes}
    return profile(start=[part], start_seconds=31.0)


def test_a_cold_cache_is_named_with_what_limits_it():
    (decoder,) = advice_for(decoding())
    assert decoder.check == "cold-cache"
    assert decoder.change == "--cache"
    assert "the decoder is the limit" in decoder.seen
    assert "200 a second" in decoder.seen
    (disk,) = advice_for(decoding(busy=0.3, disk_mb_s=90.0))
    assert "90 MB/s from disks: the disk is the limit" in disk.seen


def test_a_warm_cache_is_not_named_unless_reading_the_files_is_slow():
    assert checks(decoding(items=0, seconds=0.5)) == []
    assert checks(decoding(items=0, busy=0.2, disk_mb_s=80.0)) == ["slow-reading"]


def test_a_start_that_a_long_training_does_not_notice_is_left_alone():
    assert checks(decoding().model_copy(update={"epochs": 6000})) == []


def test_compiling_is_named_where_it_takes_much_of_the_training():
    assert checks(profile(first_step_seconds=60.0, start_seconds=2.0, epochs=40)) == ["long-first-step"]
    assert checks(profile(first_step_seconds=60.0, start_seconds=2.0, epochs=400)) == []


def test_a_slow_process_is_named_by_its_rank():
    (advice,) = advice_for(profile(own_work=[0.05, 0.05, 0.09]))
    assert advice.check == "uneven-processes"
    assert "Process 2 works 90 ms" in advice.seen


def test_the_largest_gain_comes_first_and_few_are_shown():
    many = profile(
        threads=1,
        steps=[
            step(n, phases={"augmentation": 0.2, "data": 0.2, "logging": 0.9 * (n % 25 == 0)}) for n in range(11, 111)
        ],
        start=[{"title": "Decoding photos", "seconds": 30.0, "items": 6000}],
        start_seconds=31.0,
        own_work=[0.05],
    )
    found = advice_for(many)
    gains = [advice.gain for advice in found]
    assert gains == sorted(gains, reverse=True)
    assert len(found) > SHOWN
    assert advice_lines(found)[-1] == f"{len(found) - SHOWN} more in the page."
