import { useState } from "preact/hooks";
import { Button, Confirm, Notice } from "../../shared/components";
import type { Skill } from "../api";
import { useJobs } from "../jobs";
import { Card } from "../parts/Card";
import { AddSkill, NotEnabled } from "../parts/AddSkill";
import { JobPanel } from "../parts/JobPanel";
import { Loaded } from "../parts/Loaded";
import { SkillCard } from "../parts/SkillCard";
import { isolated, startOf } from "../parts/Text";
import { sentenceOf } from "../problems";
import { useResource } from "../resource";
import { t } from "../texts";

/** What the assistant can do, for administrators. */
export function SkillsPage() {
  const list = useResource<{ skills: Skill[] }>("/api/skills");
  const jobs = useJobs(() => void list.reload());
  const [asked, ask] = useState<Skill | null>(null);
  const [off, setOff] = useState(false);
  const begin = async (method: "POST" | "DELETE", path: string, body?: unknown) => {
    const problem = await jobs.start(method, path, body);
    if (problem?.code === "not-enabled") setOff(true);
    return problem;
  };
  const at = (skill: Skill) => `/api/skills/${encodeURIComponent(skill.name)}`;
  const reload = (
    <Button disabled={jobs.busy} title={t("skillsReloadHint")} onClick={() => void begin("POST", "/api/skills/reload")}>
      {t("skillsReload")}
    </Button>
  );
  const problem = jobs.problem;
  const elsewhere = problem?.code === "not-enabled" || problem?.code === "invalid-request";
  return (
    <>
      {problem && !elsewhere && (
        <Notice tone="danger">
          <bdi>{problem.code === "not-found" ? t("skillNotUpdatable") : sentenceOf(problem)}</bdi>
        </Notice>
      )}
      {jobs.gone && <Notice tone="warning">{t("jobGone")}</Notice>}
      {off && <NotEnabled />}
      {jobs.job && <JobPanel job={jobs.job} onClose={jobs.dismiss} />}
      {!off && (
        <AddSkill busy={jobs.busy} problem={problem} onAdd={(source) => begin("POST", "/api/skills", { source })} />
      )}
      <Card title={t("skillsLead")} aside={reload}>
        <Loaded from={list}>
          {({ skills }) =>
            skills.length === 0 ? (
              <p class="empty">{t("skillsNone")}</p>
            ) : (
              <ul class="skills" aria-label={t("pageSkills")}>
                {troubledFirst(skills).map((skill) => (
                  <SkillCard
                    key={skill.name}
                    skill={skill}
                    busy={jobs.busy}
                    fixed={off || skill.bundled}
                    onUpdate={() => void begin("POST", `${at(skill)}/update`)}
                    onRemove={() => ask(skill)}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
      <Confirm
        open={asked !== null}
        title={t("skillRemove")}
        action={t("skillRemove")}
        danger
        onYes={() => {
          if (asked) void begin("DELETE", at(asked));
          ask(null);
        }}
        onNo={() => ask(null)}
      >
        <p>
          <bdi>{asked && t("skillRemoveAsk", { name: isolated(startOf(asked.title || asked.name)) })}</bdi>
        </p>
      </Confirm>
    </>
  );
}

/** Those with problems first: they are what one comes for. */
function troubledFirst(skills: readonly Skill[]): Skill[] {
  const troubled = (skill: Skill) => Number(skill.problems.length > 0);
  return [...skills].sort((one, other) => troubled(other) - troubled(one));
}
