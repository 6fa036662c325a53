import type { HostCourse } from "@mailtide/shared";
import { linesPaths } from "../../chart/lines-path.ts";
import { text } from "../../text/en.ts";
import { duration } from "../../ui/duration.ts";
import { useFormats } from "../../ui/formats-context.tsx";

const drawn = ["accepted", "sent", "deferred"] as const;

/** What came in and what went out, on one scale: where they part, mail piles up. */
export function Course({ course }: { readonly course: HostCourse }) {
  const formats = useFormats();
  const aMinute = (count: number): string => formats.number(Math.round((count * 60) / course.stepSeconds));
  const { paths, top } = linesPaths(
    drawn.map((name) => course[name]),
    100,
    40,
  );
  return (
    <figure className="course">
      <figcaption className="tile-title">{text.host.course}</figcaption>
      <div className="course-plot">
        <span className="course-top tabular" aria-hidden="true">
          {aMinute(top)}
        </span>
        <svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">
          {paths.map((path, index) => (
            <path key={drawn[index]} className={`course-${drawn[index]}`} d={path} vectorEffect="non-scaling-stroke" />
          ))}
        </svg>
        <span aria-hidden="true" />
        <p className="course-times" aria-hidden="true">
          <span>{text.host.from(duration(course.stepSeconds * course.sent.length))}</span>
          <span>{text.host.now}</span>
        </p>
      </div>
      <ul className="course-legend">
        {drawn.map((name) => {
          const last = course[name].at(-1) ?? null;
          return (
            <li key={name}>
              <span className={`course-key course-${name}`} aria-hidden="true" />
              <b className="tabular">{last === null ? text.host.notWatched : aMinute(last)}</b>{" "}
              {text.host.courses[name]}
            </li>
          );
        })}
      </ul>
    </figure>
  );
}
