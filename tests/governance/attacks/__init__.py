"""Attacks on the community's decisions, and the test that shows what comes of each.

vote-buying window                  attacks/test_votes.py::test_votes_bought_after_the_snapshot_count_nothing
quorum lowered after the fact       attacks/test_votes.py::test_a_quorum_lowered_after_the_fact
id front-running                    assembly/test_acts.py::test_nobody_occupies_anothers_proposal
action swapped after the vote       attacks/test_votes.py::test_an_action_swapped_after_the_vote
ballot in another proposal          attacks/test_votes.py::test_a_ballot_replayed
ballot in another ledger            assembly/test_acts.py::test_a_ballot_is_of_one_proposal_and_one_ledger
ballot after a fork                 attacks/test_votes.py::test_a_ballot_replayed
act held back, released later       assembly/test_acts.py::test_an_act_held_back_is_too_late
act held back by the operator       attacks/test_operator.py::test_an_act_held_back_and_released_later
late flip                           assembly/test_course.py::test_late_flip_extends_once_and_shows
endorsement spam                    assembly/test_acts.py::test_one_member_endorses_few_at_a_time
guardian abuse                      assembly/test_powers.py::test_guardians_cancel_with_a_reason_and_not_what_is_about_them
guardian abuse, emergencies         systems/test_emergency.py::test_it_cannot_be_renewed_for_a_while
delegate capture                    people/test_delegation.py::test_delegate_capture_is_bounded
stuffing by the operator            attacks/test_operator.py::test_ballots_stuffed_by_the_operator
ballot dropped by the operator      attacks/test_operator.py::test_a_ballot_dropped_by_the_operator
member removed mid-vote             attacks/test_votes.py::test_a_member_removed_while_a_vote_runs
clock moved back                    attacks/test_clock.py::test_a_clock_moved_back_reopens_nothing
clock moved forward                 attacks/test_clock.py::test_a_clock_moved_forward_lets_nobody_honest_act
deployer with subjects' receipts    attacks/test_deployer.py::test_a_deployer_with_all_receipts_stops_no_rule
deployer, what it can do            attacks/test_deployer.py::test_a_deployer_delays_what_loosens_once
a rule that burns time              safeguards/test_expressions.py::test_a_rule_that_burns_time_is_cut_off
a sealed field in sealed mode       safeguards/test_sealed_mode.py::test_a_rule_that_reads_a_sealed_field
"""
