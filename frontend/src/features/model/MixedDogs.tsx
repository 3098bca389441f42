import { useTranslation } from 'react-i18next'
import styles from './MixedDogs.module.css'
import sections from './section.module.css'

/** Both compare the breeds that people named from dogs' looks with DNA tests. */
const STUDIES = [
  {
    doi: '10.1080/10888700902956151',
    authors: 'Voith et al. 2009',
    title: 'Comparison of Adoption Agency Breed Identification and DNA Breed Identification of Dogs',
    journal: 'Journal of Applied Animal Welfare Science 12(3):253–262',
  },
  {
    doi: '10.1016/j.tvjl.2015.07.019',
    authors: 'Olson et al. 2015',
    title: 'Inconsistent identification of pit bull-type dogs by shelter staff',
    journal: 'The Veterinary Journal 206(2):197–202',
  },
]

/** How far looks tell the ancestry of a mixed dog, with sources. */
export function MixedDogs() {
  const { t } = useTranslation()
  return (
    <section aria-labelledby="mixed">
      <h2 id="mixed">{t('model.mixed')}</h2>
      <p>{t('model.mixedText')}</p>
      <ul className={`${styles.studies} ${sections.muted}`} aria-label={t('model.sources')} lang="en">
        {STUDIES.map(({ doi, authors, title, journal }) => (
          <li key={doi}>
            {authors}, <a href={`https://doi.org/${doi}`}>{title}</a>, {journal}
          </li>
        ))}
      </ul>
    </section>
  )
}
