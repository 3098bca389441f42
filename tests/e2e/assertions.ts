import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import type { Prediction } from './actions'

/** Expects a percentage near `probability`. The difference may be the rounding of its last digit plus `tolerance`, 0..1. */
function expectPercent(text: string | null, probability: number, tolerance: number) {
  const digits = /^[<>]?(\d+)(\.\d)?%$/.exec(text?.trim() ?? '')
  expect(digits, `“${text}” is a percentage`).not.toBeNull()
  const half = text?.startsWith('<') || text?.startsWith('>') ? 1 : digits?.[2] ? 0.051 : 0.51
  expect(Math.abs(parseFloat(text?.replace(/[<>]/, '') ?? '') - probability * 100)).toBeLessThanOrEqual(
    half + tolerance * 100,
  )
}

const HEADINGS = { group: /^An? /, uncertain: 'Hard to tell', not_a_dog: 'This does not look like a dog' }

/** Expects the heading that belongs to the verdict, and a list that begins with the most likely breed. */
export async function expectAnswer(page: Page, expected: Prediction, tolerance = 0) {
  const level = expected.verdict?.level ?? 'breed'
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(level === 'breed' ? expected.name : HEADINGS[level])
  const first = page.getByRole('list', { name: 'Breeds by probability' }).getByRole('listitem').first()
  await expect(first).toContainText(expected.name)
  const text = (await first.textContent())?.replace(expected.name, '') ?? null
  expectPercent(text, expected.probability, tolerance)
  if (level === 'breed') await expect(page.getByTestId('probability')).toHaveText(text ?? '')
}

/** Runs axe after all animations have ended. */
export async function expectNoViolations(page: Page) {
  await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running'))
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
}
