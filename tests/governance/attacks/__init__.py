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
brake used on another action        attacks/test_proposer.py::test_a_brake_that_was_used_is_not_taken_to_another_action
old draft, young receipts           attacks/test_proposer.py::test_an_old_draft_has_the_window_of_what_it_does
loosens only since its vote         attacks/test_proposer.py::test_what_loosens_since_its_vote_is_not_done
a friend's objection for the brake  attacks/test_proposer.py::test_one_objection_does_not_stand_for_the_brake
options that came to loosen         attacks/test_proposer.py::test_options_never_loosen
repeal before the rule is stricter  attacks/test_proposer.py::test_a_repeal_voted_on_before_the_rule_was_made_stricter
a rule that burns time              safeguards/test_expressions.py::test_a_rule_that_burns_time_is_cut_off
a sealed field in sealed mode       safeguards/test_sealed_mode.py::test_a_rule_that_reads_a_sealed_field
deployer contests with K first      attacks/test_cases.py::test_a_deployer_who_knows_k_occupies_no_place
claims flood                        attacks/test_cases.py::test_a_flood_of_claims_shuts_nobody_out
reviewer who oversees the system    attacks/test_cases.py::test_a_reviewer_who_oversees_the_system
reviewer who becomes an overseer    attacks/test_cases.py::test_one_who_becomes_an_overseer_concludes_nothing
every reviewer named as a helper    attacks/test_cases.py::test_reviewers_named_as_helpers_may_still_review
reviewer blinded by who knows K     cases/test_grants.py::test_nobody_blinds_a_reviewer
expired helper                      attacks/test_cases.py::test_an_expired_helper_has_no_effect_even_if_written
helper ended by who knows K         attacks/test_cases.py::test_a_deployer_ends_a_helper_and_it_shows
contest in another ledger           attacks/test_cases.py::test_a_contest_replayed_in_another_ledger
somebody else's case concluded      attacks/test_cases.py::test_nobody_concludes_somebody_elses_case
conclusion by the operator          attacks/test_cases.py::test_a_conclusion_written_by_the_operator
correction of another system        attacks/test_cases.py::test_a_correction_by_another_system_or_an_earlier_decision
box spoiled by a reader             cases/test_contests.py::test_sharing_adds_boxes_and_only_the_opener_replaces
erasure nobody asked for            cases/test_audit.py::test_an_erasure_nobody_asked_for
"""
